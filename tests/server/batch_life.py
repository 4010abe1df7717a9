"""A batch from its lines to its answers, with OpenAI's client: what the tests of batches over REST share."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from harness import RunningServer
from openai import OpenAI
from openai.types import Batch

from tests.robustness.waiting import wait_until

END_S = 60.0
"""For a small batch to end, on a busy machine."""

CHAT = "/v1/chat/completions"
EMBEDDINGS = "/v1/embeddings"
VERIFY = "/v1/verify/reliability"
ENDED = ("completed", "failed", "expired", "cancelled")

Line = dict[str, Any]


@contextmanager
def openai_of(server: RunningServer, key: str = "none") -> Iterator[OpenAI]:
    """OpenAI's client of `server`. Nothing is tried twice, so that a test sees every refusal."""
    with OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0) as client:
        yield client


def line(custom_id: str, body: dict[str, Any], url: str = CHAT) -> Line:
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": body}


def chat(custom_id: str, content: str, model: str = "echo") -> Line:
    return line(custom_id, {"model": model, "messages": [{"role": "user", "content": content}]})


def chats(count: int, model: str = "echo") -> list[Line]:
    return [chat(f"line-{number}", f"question {number}", model) for number in range(count)]


def some_answered(answered: int, count: int) -> list[Line]:
    """Lines of which the first are answered at once, and the others when the engine without a model is told to speak:
    so the batch stands still between them, however much time passes."""
    return [*chats(answered), *chats(count, "silent")[answered:]]


def upload(client: OpenAI, lines: Iterable[Line | str]) -> str:
    """Uploads a file of requests, and returns its id. A line that is a text goes in as it is."""
    text = "".join(f"{item if isinstance(item, str) else json.dumps(item)}\n" for item in lines)
    return client.files.create(file=("lines.jsonl", text.encode()), purpose="batch").id


def submit(client: OpenAI, lines: Iterable[Line | str], endpoint: str = CHAT, **more: Any) -> Batch:
    # OpenAI's types know its own endpoints and window alone.
    window: Any = more.pop("completion_window", "24h")
    file_id = upload(client, lines)
    return client.batches.create(input_file_id=file_id, endpoint=cast(Any, endpoint), completion_window=window, **more)


def wait_for(client: OpenAI, batch_id: str, *statuses: str) -> Batch:
    """The batch once it has one of `statuses`."""
    seen: list[Batch] = []

    def there() -> bool:
        seen.append(client.batches.retrieve(batch_id))
        return seen[-1].status in statuses

    wait_until(there, f"the batch is {' or '.join(statuses)}", END_S)
    return seen[-1]


def ended(client: OpenAI, batch_id: str) -> Batch:
    return wait_for(client, batch_id, *ENDED)


def answered(client: OpenAI, batch_id: str, at_least: int) -> Batch:
    """The batch once at least so many of its requests are answered."""
    seen: list[Batch] = []

    def there() -> bool:
        seen.append(client.batches.retrieve(batch_id))
        counts = seen[-1].request_counts
        return counts is not None and counts.completed >= at_least

    wait_until(there, f"{at_least} requests are answered", END_S)
    return seen[-1]


def results(client: OpenAI, file_id: str | None) -> dict[str, Any]:
    """The lines of an output or error file by their custom_id; each is there once."""
    assert file_id is not None
    lines = [json.loads(text) for text in client.files.content(file_id).text.splitlines()]
    by_id = {item["custom_id"]: item for item in lines}
    assert len(by_id) == len(lines)
    return by_id


def text_of(result: dict[str, Any]) -> str:
    """What a chat completion in an output file says."""
    content: str = result["response"]["body"]["choices"][0]["message"]["content"]
    return content
