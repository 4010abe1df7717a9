"""Whatever is asked, and however: the tokens that the answer says are counted for the key and the model, and so is the
request, once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import ClientOf, RunningUpstream
from starlette.testclient import TestClient

from inference.usage.used import Used
from server.settings import Settings
from server.wire import VERIFY_ALIAS, VERIFY_MODEL
from tests.server.accounts.keys_made import make_keys, url_of
from tools.embed import MODEL as EMBEDDER

CHAT = "/v1/chat/completions"
VERIFY = "/v1/verify/reliability"
QUESTION = "Where is the Eiffel Tower?"
FALSE = "The Eiffel Tower is located in Rome."
DOCUMENT = {"prompt": "What is the rent?", "response": "The rent is 9 EUR.", "documentContent": "The rent is 7 EUR."}
SENT = {"role": "user", "content": QUESTION}
OF_FALSE = Used(0, 3, len(FALSE.split()))
"""What the upstream says that it took to answer FALSE."""

Spent = dict[str, Used]


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningUpstream]:
    running = RunningUpstream({QUESTION: FALSE})
    yield running
    running.stop()


@pytest.fixture
def keyed(client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream) -> TestClient:
    """A client with a key of the store."""
    data = tmp_path / "data"
    data.mkdir()
    text = make_keys(url_of(data), "mine")["mine"][1]
    settings = Settings(data_dir=data, web_search=False, engine_url=(upstream.url,), require_keys=True)
    client = client_of(settings)
    client.headers["authorization"] = f"Bearer {text}"
    return client


def used_in(usage: dict[str, Any], requests: int = 0) -> Used:
    return Used(requests, usage["prompt_tokens"], usage.get("completion_tokens", 0))


def sent(client: TestClient, path: str, body: dict[str, Any]) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def events(client: TestClient, path: str, body: dict[str, Any]) -> list[Any]:
    answer = client.post(path, json=body | {"stream": True})
    assert answer.status_code == 200, answer.text
    lines = [line.removeprefix("data:").strip() for line in answer.text.splitlines() if line.startswith("data:")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def tool(client: TestClient, name: str, arguments: dict[str, Any]) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    answer = client.post("/v1/mcp", json=message, headers={"accept": "application/json"})
    return answer.json()["result"]["structuredContent"]


def usage_of(client: TestClient) -> Spent:
    """What the endpoint says of the caller's key: one row a model, all of one day."""
    body = client.get("/v1/usage").json()
    for item in body["data"]:
        assert item["total_tokens"] == item["input_tokens"] + item["output_tokens"]
    return {item["model"]: Used(item["requests"], item["input_tokens"], item["output_tokens"]) for item in body["data"]}


def a_verification(client: TestClient) -> Spent:
    return {VERIFY_MODEL: used_in(sent(client, VERIFY, {"prompt": QUESTION, "output": FALSE})["usage"], 1)}


def a_verification_by_its_other_name(client: TestClient) -> Spent:
    body = {"prompt": QUESTION, "output": FALSE, "model": VERIFY_ALIAS}
    return {VERIFY_MODEL: used_in(sent(client, VERIFY, body)["usage"], 1)}


def a_verification_as_events(client: TestClient) -> Spent:
    return {VERIFY_MODEL: used_in(events(client, VERIFY, {"prompt": QUESTION, "output": FALSE})[-1]["usage"], 1)}


def a_completion_of_ours(client: TestClient) -> Spent:
    body = {"model": VERIFY_ALIAS, "messages": [SENT, {"role": "assistant", "content": FALSE}]}
    return {VERIFY_MODEL: used_in(sent(client, CHAT, body)["usage"], 1)}


def a_completion_of_ours_as_events(client: TestClient) -> Spent:
    body = {"model": VERIFY_MODEL, "messages": [SENT, {"role": "assistant", "content": FALSE}]}
    body |= {"stream_options": {"include_usage": True}}
    return {VERIFY_MODEL: used_in(events(client, CHAT, body)[-1]["usage"], 1)}


def embeddings_of_ours(client: TestClient) -> Spent:
    return {EMBEDDER: used_in(sent(client, "/v1/embeddings", {"model": EMBEDDER, "input": "a text"})["usage"], 1)}


def embeddings_of_an_engine(client: TestClient) -> Spent:
    return {"echo": used_in(sent(client, "/v1/embeddings", {"model": "echo", "input": "a text"})["usage"], 1)}


def a_chat(client: TestClient) -> Spent:
    return {"echo": used_in(sent(client, CHAT, {"model": "echo", "messages": [SENT]})["usage"], 1)}


def a_streamed_chat_that_asks_for_its_tokens(client: TestClient) -> Spent:
    body = {"model": "echo", "messages": [SENT], "stream_options": {"include_usage": True}}
    return {"echo": used_in(events(client, CHAT, body)[-1]["usage"], 1)}


def a_streamed_chat_that_does_not(client: TestClient) -> Spent:
    chunks = events(client, CHAT, {"model": "echo", "messages": [SENT]})
    assert not any("usage" in chunk for chunk in chunks)
    return {"echo": OF_FALSE + Used(1)}


def a_streamed_chat_that_wants_no_tokens(client: TestClient) -> Spent:
    body = {"model": "echo", "messages": [SENT], "stream_options": {"include_usage": False}}
    assert not any("usage" in chunk for chunk in events(client, CHAT, body))
    return {"echo": OF_FALSE + Used(1)}


def a_completion(client: TestClient) -> Spent:
    return {"echo": used_in(sent(client, "/v1/completions", {"model": "echo", "prompt": "one two"})["usage"], 1)}


def a_streamed_completion(client: TestClient) -> Spent:
    assert not any("usage" in chunk for chunk in events(client, "/v1/completions", {"model": "echo", "prompt": "one"}))
    return {"echo": Used(1, 3, 1)}


def a_verified_chat(client: TestClient) -> Spent:
    body = sent(client, CHAT, {"model": "echo", "messages": [SENT], "verify": True})
    return {"echo": used_in(body["usage"], 1), VERIFY_MODEL: used_in(body["verification"]["usage"])}


def a_verified_stream(client: TestClient) -> Spent:
    chunks = events(client, CHAT, {"model": "echo", "messages": [SENT], "verify": True})
    assert not any("usage" in chunk for chunk in chunks)
    return {"echo": OF_FALSE + Used(1), VERIFY_MODEL: used_in(chunks[-1]["verification"]["usage"])}


def a_call_of_verify(client: TestClient) -> Spent:
    return {VERIFY_MODEL: used_in(tool(client, "verify", {"prompt": QUESTION, "response": FALSE})["confidence"], 1)}


def a_call_of_verify_document(client: TestClient) -> Spent:
    return {VERIFY_MODEL: used_in(tool(client, "verify_document", DOCUMENT)["confidence"], 1)}


def a_call_of_chat(client: TestClient) -> Spent:
    return {"echo": used_in(tool(client, "chat", {"prompt": QUESTION, "model": "echo"})["usage"], 1)}


def a_verified_call_of_chat(client: TestClient) -> Spent:
    body = tool(client, "chat", {"prompt": QUESTION, "model": "echo", "verify": True})
    return {"echo": used_in(body["usage"], 1), VERIFY_MODEL: used_in(body["verification"]["usage"])}


WAYS: tuple[Callable[[TestClient], Spent], ...] = (
    a_verification,
    a_verification_by_its_other_name,
    a_verification_as_events,
    a_completion_of_ours,
    a_completion_of_ours_as_events,
    embeddings_of_ours,
    embeddings_of_an_engine,
    a_chat,
    a_streamed_chat_that_asks_for_its_tokens,
    a_streamed_chat_that_does_not,
    a_streamed_chat_that_wants_no_tokens,
    a_completion,
    a_streamed_completion,
    a_verified_chat,
    a_verified_stream,
    a_call_of_verify,
    a_call_of_verify_document,
    a_call_of_chat,
    a_verified_call_of_chat,
)


@pytest.mark.parametrize("ask", WAYS, ids=lambda ask: ask.__name__)
def test_what_an_answer_says_is_what_is_counted(keyed: TestClient, ask: Callable[[TestClient], Spent]) -> None:
    spent = ask(keyed)
    assert all(used.total_tokens for used in spent.values())
    assert usage_of(keyed) == spent
