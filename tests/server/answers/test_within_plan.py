"""Requests of keys with a plan, at every door: what is over the sizes of the plan is refused with plan and limit, and
an engine is told how much it may write. The upstream counts words as tokens."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import RunningUpstream
from starlette.testclient import TestClient

from inference.errors import SettingsError
from server.app import create_app
from server.settings import Settings
from tests.robustness.waiting import wait_until
from tests.server.callers import Keys

CHAT, COMPLETIONS, EMBEDDINGS, VERIFY = (
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/verify/reliability",
)

PLANS = """
[tiny]
context_tokens = 20
output_tokens = 50
batch_requests = 3

[tiny.models]
"slow" = { batch_requests = 2, context_tokens = "unlimited", output_tokens = "unlimited" }
"tools" = { output_tokens = 0 }
"touchstone/all-minilm-l6-v2" = { context_tokens = 12, output_tokens = 0 }
"klusterai/verify-reliability" = { context_tokens = 12, output_tokens = 0 }

[free]
"""

FEW, MANY = "a bee " * 10, "a bee " * 11  # 20 and 22 words; both have more bytes than the plan allows tokens
OF_21 = "four" * 21  # tokens, by the estimate
SHORT = {"prompt": "Where is it?", "output": "It is in Paris.", "context": "It is."}  # 4 + 5 + 3 words and marks
LONG = SHORT | {"context": "It is in Paris."}  # two more

Ask = Callable[..., httpx.Response]


def served(tmp_path: Path, upstream: RunningUpstream) -> Iterator[TestClient]:
    (tmp_path / "plans.toml").write_text(PLANS)
    settings = Settings(
        data_dir=tmp_path / "data",
        web_search=False,
        engine_url=(upstream.url,),
        require_keys=True,
        plans_file=tmp_path / "plans.toml",
        default_plan="free",
    )
    with TestClient(create_app(settings), base_url="http://127.0.0.1:3001") as client:
        yield client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, upstream: RunningUpstream) -> Iterator[TestClient]:
    yield from served(tmp_path_factory.mktemp("within"), upstream)


def key_of(client: TestClient, plan: str | None) -> dict[str, str]:
    """The header with a new key of that plan."""
    return Keys(client).made("a test", plan=plan).headers


@pytest.fixture(scope="module")
def tiny(client: TestClient) -> dict[str, str]:
    return key_of(client, "tiny")


@pytest.fixture(scope="module")
def free(client: TestClient) -> dict[str, str]:
    return key_of(client, None)


def error_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def chat(text: str, model: str = "echo", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]} | more


def paths_after(upstream: RunningUpstream, before: int) -> list[str]:
    return [received.path for received in upstream.upstream.received[before:]]


def sent(upstream: RunningUpstream) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(upstream.last.body)
    return body


@pytest.mark.parametrize(("path", "name"), [(CHAT, "max_completion_tokens"), (COMPLETIONS, "max_tokens")])
def test_an_engine_is_told_the_limit_at_the_end_of_a_body_that_is_the_callers_to_the_byte(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream, path: str, name: str
) -> None:
    body = b'{"model":"echo", "prompt": "hi", "messages": [{"role":"user","content":"hi"}], "odd" : 1.50 \n}\n '
    assert client.post(path, content=body, headers=tiny).status_code == 200
    assert upstream.last.body == body.rstrip()[:-1] + b',"%s":50}' % name.encode()


@pytest.mark.parametrize(
    ("path", "more"),
    [
        (CHAT, {"max_completion_tokens": 50}),
        (CHAT, {"max_tokens": 50}),
        (CHAT, {"max_tokens": 1, "n": 50}),
        (COMPLETIONS, {"max_tokens": 50}),
        (COMPLETIONS, {"max_tokens": 0}),
    ],
)
def test_who_says_how_much_is_written_within_the_plan_is_passed_through_byte_for_byte(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream, path: str, more: dict[str, Any]
) -> None:
    body = json.dumps(chat("hi", prompt="hi", **more), indent=2).encode()
    assert client.post(path, content=body, headers=tiny).status_code == 200
    assert upstream.last.body == body


@pytest.mark.parametrize("model", ["echo", "slow"])
def test_what_is_unlimited_is_passed_through_byte_for_byte_and_never_counted(
    client: TestClient, tiny: dict[str, str], free: dict[str, str], upstream: RunningUpstream, model: str
) -> None:
    body = json.dumps(chat(MANY * 100, model), indent=2).encode()
    before = len(upstream.upstream.received)
    key = free if model == "echo" else tiny
    assert client.post(CHAT, content=body, headers=key).status_code == 200
    assert upstream.last.body == body
    assert paths_after(upstream, before) == [CHAT]


OVER: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "too much": (CHAT, {"max_completion_tokens": 51}, "max_completion_tokens", "51"),
    "too much by the older name": (CHAT, {"max_tokens": 51}, "max_tokens", "51"),
    "too much beside enough": (CHAT, {"max_tokens": 51, "max_completion_tokens": 5}, "max_tokens", "51"),
    "too much of a completion": (COMPLETIONS, {"max_tokens": 51}, "max_tokens", "51"),
    "too much by llama.cpp's name": (CHAT, {"n_predict": -1, "max_tokens": 5}, "n_predict", "-1"),
    "without an end": (CHAT, {"max_tokens": -1}, "max_tokens", "-1"),
    "nothing": (CHAT, {"max_tokens": 0}, "max_tokens", "0"),
    "a text": (CHAT, {"max_tokens": "51"}, "max_tokens", "'51'"),
    "a fraction": (CHAT, {"max_tokens": 5.0}, "max_tokens", "5.0"),
    "true": (CHAT, {"max_tokens": True}, "max_tokens", "True"),
    "two answers": (CHAT, {"max_tokens": 26, "n": 2}, "max_tokens", "25 for each of 2 answers"),
    "the best of two": (COMPLETIONS, {"max_tokens": 26, "best_of": 2}, "max_tokens", "25 for each of 2 answers"),
    "two prompts": (COMPLETIONS, {"prompt": ["a", "b"], "max_tokens": 26}, "max_tokens", "for each of 2 answers"),
    "two answers to two prompts": (
        COMPLETIONS,
        {"prompt": ["a", "b"], "n": 2, "max_tokens": 13},
        "max_tokens",
        "12 for",
    ),
    "three answers, as a text": (CHAT, {"n": "3"}, "n", "'3' is no whole number"),
    "three answers, as a fraction": (COMPLETIONS, {"best_of": 3.0}, "best_of", "3.0 is no whole number"),
    "prompts as numbers of a model": (COMPLETIONS, {"prompt_embeds": ["", ""], "max_tokens": 26}, "max_tokens", "for"),
    "more answers than tokens": (CHAT, {"n": 51}, "max_completion_tokens", "0 for each of 51 answers"),
    "any of a model that may write nothing": (CHAT, {"model": "tools"}, "max_completion_tokens", "allows 0 tokens"),
}


@pytest.mark.parametrize(("path", "more", "param", "told"), OVER.values(), ids=OVER)
def test_more_output_than_the_plan_allows_is_refused(
    client: TestClient,
    tiny: dict[str, str],
    upstream: RunningUpstream,
    path: str,
    more: dict[str, Any],
    param: str,
    told: str,
) -> None:
    before = len(upstream.upstream.received)
    error = error_of(client.post(path, json=chat("hi", prompt="hi") | more, headers=tiny), 400)
    assert (error["code"], error["param"]) == ("invalid_input", param)
    assert told in error["message"]
    assert "the plan 'tiny' of this key allows" in error["message"]
    assert paths_after(upstream, before) == []


@pytest.mark.parametrize(
    ("name", "value"), [("Max_Tokens", 51), ("N", 9), ("MODEL", "slow"), ("\u017ftream", True), ("Messages", [])]
)
@pytest.mark.parametrize("plan", ["tiny", "free"])
def test_a_field_that_engines_written_in_go_take_for_another_is_refused_to_who_has_a_plan(
    client: TestClient, request: pytest.FixtureRequest, upstream: RunningUpstream, plan: str, name: str, value: object
) -> None:
    before = len(upstream.upstream.received)
    asked = chat("hi", max_tokens=5, **{name: value})
    error = error_of(client.post(CHAT, json=asked, headers=request.getfixturevalue(plan)), 400)
    assert (error["code"], error["param"]) == ("invalid_input", name.casefold())
    assert f"{name!r}: write this field as {name.casefold()!r}" in error["message"]
    assert paths_after(upstream, before) == []


def test_a_field_of_an_engines_own_may_have_any_name(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream
) -> None:
    asked = chat("hi", max_tokens=5, Own_Field=1, É=2)
    assert client.post(CHAT, json=asked, headers=tiny).status_code == 200
    assert sent(upstream) == asked


def test_a_text_with_more_bytes_than_tokens_are_allowed_is_counted_once_by_the_engine(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream
) -> None:
    before = len(upstream.upstream.received)
    assert client.post(CHAT, json=chat(FEW), headers=tiny).status_code == 200
    assert paths_after(upstream, before) == ["/tokenize", CHAT]


def test_more_text_than_the_plan_allows_is_refused_with_plan_limit_and_count(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream
) -> None:
    before = len(upstream.upstream.received)
    error = error_of(client.post(CHAT, json=chat(MANY), headers=tiny), 400)
    assert (error["code"], error["param"], error["type"]) == (
        "context_length_exceeded",
        "messages",
        "invalid_request_error",
    )
    assert error["message"].startswith("The request sends 22 tokens of text; the plan 'tiny' of this key allows 20 ")
    assert "'echo'" in error["message"]
    assert paths_after(upstream, before) == ["/tokenize"]


@pytest.mark.parametrize(
    ("path", "body", "param", "count"),
    [
        (COMPLETIONS, {"prompt": MANY}, "prompt", "22"),
        (COMPLETIONS, {"prompt": ["hi", MANY]}, "prompt", "22"),
        (COMPLETIONS, {"prompt": list(range(21))}, "prompt", "21"),
        (COMPLETIONS, {"prompt": FEW, "suffix": "a bee"}, "prompt", "22"),
        (COMPLETIONS, {"prompt": ["hi", FEW], "suffix": "a bee"}, "prompt", "22"),
        (EMBEDDINGS, {"input": MANY}, "input", "22"),
        (EMBEDDINGS, {"input": [FEW, MANY]}, "input", "22"),
        (EMBEDDINGS, {"input": [[1], list(range(21))]}, "input", "21"),
    ],
)
def test_of_several_texts_the_longest_counts(
    client: TestClient, tiny: dict[str, str], path: str, body: dict[str, Any], param: str, count: str
) -> None:
    error = error_of(client.post(path, json={"model": "echo"} | body, headers=tiny), 400)
    assert (error["code"], error["param"]) == ("context_length_exceeded", param)
    assert f"sends {count} tokens" in error["message"]


PROMPTS = [[1, OF_21], [OF_21, 1], [[1, OF_21]], [[[[[1, OF_21]]]]]]


@pytest.mark.parametrize("prompt", PROMPTS, ids=range(len(PROMPTS)))
def test_texts_between_tokens_are_texts(before_engine: "Before", prompt: object) -> None:
    """As llama.cpp takes them."""
    client, tiny, _ = before_engine(tokenizes=False)
    error = error_of(client.post(COMPLETIONS, json={"model": "echo", "prompt": prompt}, headers=tiny), 400)
    assert error["code"] == "context_length_exceeded"
    assert "sends about" in error["message"]


@pytest.mark.parametrize(
    "more",
    [
        {"documents": [{"text": OF_21}]},
        {"documents": [{"text": OF_21}], "chat_template_kwargs": {"of_its_own": True}},
        {"documents": [{"text": OF_21}], "chat_template_kwargs": "odd"},
        {"chat_template_kwargs": {"documents": [{"text": OF_21}]}},
        {"chat_template": OF_21},
        {"tools": [{"type": "function", "function": {"name": OF_21}}]},
    ],
    ids=["documents", "beside arguments", "beside none", "among arguments", "a template", "tools"],
)
def test_whatever_is_put_before_the_model_beside_messages_counts(before_engine: "Before", more: dict[str, Any]) -> None:
    client, tiny, upstream = before_engine(tokenizes=False)
    error = error_of(client.post(CHAT, json=chat("hi") | more, headers=tiny), 400)
    assert (error["code"], error["param"]) == ("context_length_exceeded", "messages")
    assert CHAT not in paths_after(upstream, 0)


def test_a_tokenizer_is_told_the_documents_where_it_takes_them(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream
) -> None:
    documents = [{"text": "a"}]
    asked = chat(FEW, documents=documents, chat_template_kwargs={"of_its_own": 1})
    assert client.post(CHAT, json=asked, headers=tiny).status_code == 200
    counted = json.loads(upstream.upstream.received[-2].body)
    assert counted["chat_template_kwargs"] == {"documents": documents, "of_its_own": 1}


@pytest.mark.parametrize("body", [{"input": [FEW] * 5}, {"input": [list(range(20))] * 5}])
def test_many_texts_that_fit_each_by_itself_are_embedded(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream, body: dict[str, Any]
) -> None:
    assert client.post(EMBEDDINGS, json={"model": "echo"} | body, headers=tiny).status_code == 200
    assert sent(upstream) == {"model": "echo"} | body


def test_a_picture_is_no_text(client: TestClient, tiny: dict[str, str], upstream: RunningUpstream) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 10_000}}
    content = [{"type": "text", "text": "hi"}, picture]
    before = len(upstream.upstream.received)
    assert client.post(CHAT, json=chat("", messages=[{"content": content}]), headers=tiny).status_code == 200
    assert paths_after(upstream, before) == [CHAT]
    thought = [{"type": "thinking", "thinking": "a" * 21 * 32}, picture]
    assert client.post(CHAT, json=chat("", messages=[{"content": thought}]), headers=tiny).status_code == 400
    long = [{"type": "text", "text": "a" * 21 * 32}, picture]
    error = error_of(client.post(CHAT, json=chat("", messages=[{"content": long}]), headers=tiny), 400)
    assert error["code"] == "context_length_exceeded"


def test_megabytes_are_refused_without_being_counted(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream
) -> None:
    before = len(upstream.upstream.received)
    error = error_of(client.post(CHAT, json=chat(" " * 1_000_000), headers=tiny), 400)
    assert "sends about 250,001 tokens" in error["message"]
    assert paths_after(upstream, before) == []


def test_what_is_nested_too_deep_to_be_measured_is_refused(client: TestClient, tiny: dict[str, str]) -> None:
    deep = b'{"model":"echo","messages":[{"role":"user","content":' + b'{"a":' * 300 + b"1" + b"}" * 301 + b"]}"
    error = error_of(client.post(CHAT, content=deep, headers=tiny), 400)
    assert "nest it less" in error["message"]


def test_a_verified_chat_tells_the_engine_too(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream
) -> None:
    assert client.post(CHAT, json=chat("Hi!", verify=True), headers=tiny).status_code == 200
    assert sent(upstream) == chat("Hi!", max_completion_tokens=50)
    assert (
        error_of(client.post(CHAT, json=chat(MANY, verify=True, stream=True), headers=tiny), 400)["param"] == "messages"
    )


VERIFIES: dict[str, Callable[[dict[str, str]], tuple[str, dict[str, Any]]]] = {
    "a verification": lambda asked: (VERIFY, asked),
    "a streamed verification": lambda asked: (VERIFY, asked | {"stream": True}),
    "a conversation": lambda asked: (CHAT, conversation(asked)),
    "a conversation by our name": lambda asked: (CHAT, conversation(asked) | {"model": "touchstone/verify"}),
    "a streamed conversation": lambda asked: (CHAT, conversation(asked) | {"stream": True}),
}


def conversation(asked: dict[str, str]) -> dict[str, Any]:
    """Ten words and marks of an answer make up for the context that a conversation does not have."""
    answer = {"role": "assistant", "content": f"{asked['output']} {asked['context']}"}
    return {"model": "klusterai/verify-reliability", "messages": [{"role": "user", "content": asked["prompt"]}, answer]}


@pytest.mark.parametrize("made", VERIFIES.values(), ids=VERIFIES)
def test_a_verification_is_held_to_the_words_and_marks_that_it_reads(
    client: TestClient, tiny: dict[str, str], made: Callable[[dict[str, str]], tuple[str, dict[str, Any]]]
) -> None:
    path, body = made(SHORT)
    assert client.post(path, json=body, headers=tiny).status_code == 200
    path, body = made(LONG)
    error = error_of(client.post(path, json=body, headers=tiny), 400)
    assert error["code"] == "context_length_exceeded"
    assert "14 tokens of text; the plan 'tiny' of this key allows 12" in error["message"]


def test_the_longest_field_is_named(client: TestClient, tiny: dict[str, str]) -> None:
    for name in ("prompt", "output", "context"):
        body = SHORT | {name: "It is in Paris. " * 9}
        assert error_of(client.post(VERIFY, json=body, headers=tiny), 400)["param"] == name


def test_the_encoder_that_ships_is_held_to_the_plan(client: TestClient, tiny: dict[str, str]) -> None:
    body = {"model": "touchstone/all-minilm-l6-v2", "input": ["hi", "four" * 12]}
    assert client.post(EMBEDDINGS, json=body, headers=tiny).status_code == 200
    error = error_of(client.post(EMBEDDINGS, json=body | {"input": "four" * 13}, headers=tiny), 400)
    assert "sends about 13 tokens" in error["message"]


def test_a_key_whose_plan_is_gone_is_refused_and_told_what_there_is(client: TestClient) -> None:
    gone = key_of(client, "gold")
    for path, body in ((CHAT, chat("hi")), (VERIFY, SHORT)):
        error = error_of(client.post(path, json=body, headers=gone), 403)
        assert error["code"] == "plan_not_found"
        assert "'gold' is not in the plans file" in error["message"]
        assert "tiny, free" in error["message"]


def test_a_default_plan_that_is_not_in_the_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "plans.toml").write_text("[core]\n")
    settings = Settings(data_dir=tmp_path, plans_file=tmp_path / "plans.toml")
    with pytest.raises(SettingsError, match=r"default_plan = 'enterprise': there is no such plan .* has core;"):
        create_app(settings)


# Batches


def batch_of(client: TestClient, key: dict[str, str], url: str, *bodies: dict[str, Any]) -> dict[str, Any]:
    """The batch of such lines at its end."""
    lines = [{"custom_id": str(n), "method": "POST", "url": url, "body": body} for n, body in enumerate(bodies)]
    text = b"\n".join(json.dumps(line).encode() for line in lines)
    form: dict[str, Any] = {"files": {"file": ("a.jsonl", text)}, "data": {"purpose": "batch"}}
    file_id = client.post("/v1/files", headers=key, **form).json()["id"]
    asked = {"input_file_id": file_id, "endpoint": url, "completion_window": "24h"}
    batch_id = client.post("/v1/batches", headers=key, json=asked).json()["id"]

    def batch() -> dict[str, Any]:
        found: dict[str, Any] = client.get(f"/v1/batches/{batch_id}", headers=key).json()
        return found

    wait_until(lambda: batch()["status"] in ("completed", "failed"), "the batch has ended", 60)
    return batch()


def lines_of(client: TestClient, key: dict[str, str], file_id: str) -> list[dict[str, Any]]:
    text = client.get(f"/v1/files/{file_id}/content", headers=key).text
    return [json.loads(line) for line in text.splitlines()]


def test_a_batch_of_as_many_requests_as_the_plan_allows_is_answered(client: TestClient, tiny: dict[str, str]) -> None:
    batch = batch_of(client, tiny, CHAT, *[chat("hi")] * 3)
    assert (batch["status"], batch["request_counts"]["completed"]) == ("completed", 3)


@pytest.mark.parametrize(
    ("bodies", "most"),
    [([chat("hi")] * 4, 3), ([chat("hi")] * 2 + [chat("hi", "slow")], 2)],
    ids=["of one model", "of several, the least of theirs"],
)
def test_a_batch_of_more_requests_fails_with_plan_and_limit(
    client: TestClient, tiny: dict[str, str], bodies: list[dict[str, Any]], most: int
) -> None:
    batch = batch_of(client, tiny, CHAT, *bodies)
    assert batch["status"] == "failed"
    (error,) = batch["errors"]["data"]
    assert error["code"] == "too_many_tasks"
    assert f"more than {most} requests, which is what the plan 'tiny' of this key allows" in error["message"]


def test_a_key_without_limits_makes_the_same_batch(client: TestClient, free: dict[str, str]) -> None:
    assert batch_of(client, free, CHAT, *[chat("hi")] * 4)["status"] == "completed"


LINES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a chat": (CHAT, chat(MANY), "context_length_exceeded"),
    "a verified chat": (CHAT, chat(MANY, verify=True), "context_length_exceeded"),
    "too much output": (CHAT, chat("hi", max_tokens=51), "invalid_input"),
    "a conversation": (CHAT, conversation(LONG), "context_length_exceeded"),
    "a verification": (VERIFY, LONG, "context_length_exceeded"),
    "embeddings": (EMBEDDINGS, {"model": "echo", "input": MANY}, "context_length_exceeded"),
    "embeddings of the encoder": (
        EMBEDDINGS,
        {"model": "touchstone/all-minilm-l6-v2", "input": "four" * 13},
        "context_length_exceeded",
    ),
}


@pytest.mark.parametrize(("url", "body", "code"), LINES.values(), ids=LINES)
def test_a_line_over_the_sizes_of_the_plan_is_answered_400(
    client: TestClient, tiny: dict[str, str], url: str, body: dict[str, Any], code: str
) -> None:
    batch = batch_of(client, tiny, url, body)
    (line,) = lines_of(client, tiny, batch["error_file_id"])
    assert line["response"]["status_code"] == 400
    assert line["response"]["body"]["error"]["code"] == code
    assert "'tiny'" in line["response"]["body"]["error"]["message"]


def test_a_line_tells_the_engine_how_much_it_may_write(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream
) -> None:
    batch_of(client, tiny, CHAT, chat("once"))
    assert sent(upstream) == chat("once", max_completion_tokens=50)


# MCP


def tool(client: TestClient, key: dict[str, str], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = client.post("/v1/mcp", json=message, headers=key | {"accept": "application/json"})
    result: dict[str, Any] = answer.json()["result"]
    return result


TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "verify": ("verify", {"prompt": LONG["prompt"], "response": LONG["output"] * 2}),
    "verify_document": (
        "verify_document",
        {"prompt": LONG["prompt"], "response": LONG["output"], "documentContent": LONG["context"]},
    ),
    "chat": ("chat", {"prompt": MANY, "model": "echo"}),
}


@pytest.mark.parametrize(("name", "arguments"), TOOLS.values(), ids=TOOLS)
def test_a_tool_says_that_a_call_is_over_the_sizes_of_the_plan(
    client: TestClient, tiny: dict[str, str], free: dict[str, str], name: str, arguments: dict[str, Any]
) -> None:
    result = tool(client, tiny, name, arguments)
    assert result["isError"]
    text = result["content"][0]["text"]
    assert text.startswith("context_length_exceeded: The request sends ")
    assert "the plan 'tiny' of this key allows" in text
    assert not tool(client, free, name, arguments).get("isError")


def test_the_chat_tool_tells_the_engine_how_much_it_may_write(
    client: TestClient, tiny: dict[str, str], upstream: RunningUpstream
) -> None:
    assert not tool(client, tiny, "chat", {"prompt": "hi", "model": "echo"})["isError"]
    assert sent(upstream)["max_completion_tokens"] == 50


# Engines that differ


@pytest.fixture
def before_engine(tmp_path: Path) -> Iterator[Callable[..., tuple[TestClient, dict[str, str], RunningUpstream]]]:
    """A server before an engine of the test's own, and a key of the plan tiny."""
    closing: list[Any] = []

    def make(**engine: Any) -> tuple[TestClient, dict[str, str], RunningUpstream]:
        upstream = RunningUpstream(**engine)
        closing.append(upstream.stop)
        clients = served(tmp_path, upstream)
        client = next(clients)
        closing.append(partial(next, clients, None))
        return client, key_of(client, "tiny"), upstream

    yield make
    for close in reversed(closing):
        close()


Before = Callable[..., tuple[TestClient, dict[str, str], RunningUpstream]]


def test_where_nobody_counts_a_quarter_of_the_bytes_are_about_the_tokens(before_engine: Before) -> None:
    client, tiny, _ = before_engine(tokenizes=False)
    assert client.post(COMPLETIONS, json={"model": "echo", "prompt": "four" * 20}, headers=tiny).status_code == 200
    error = error_of(client.post(COMPLETIONS, json={"model": "echo", "prompt": "four" * 21}, headers=tiny), 400)
    assert "sends about 21 tokens" in error["message"]


@pytest.mark.parametrize(
    ("path", "owner", "more", "told"),
    [
        (CHAT, "vllm", {}, {"max_completion_tokens": 50}),
        (CHAT, "library", {}, {"max_tokens": 50}),
        (CHAT, "llamacpp", {"max_completion_tokens": 5}, {"max_tokens": 5}),
        (CHAT, "library", {"max_tokens": 5}, {}),
        (COMPLETIONS, "library", {}, {"max_tokens": 50}),
        (COMPLETIONS, "vllm", {}, {}),
        (COMPLETIONS, "vllm", {"n": 10}, {"max_tokens": 5}),
    ],
    ids=[
        "vLLM",
        "Ollama",
        "llama.cpp, by the newer name",
        "Ollama, told",
        "a completion of Ollama",
        "of vLLM",
        "of many",
    ],
)
def test_an_engine_is_told_under_the_name_that_it_reads_unless_it_writes_less_by_itself(
    before_engine: Before, path: str, owner: str, more: dict[str, Any], told: dict[str, Any]
) -> None:
    client, tiny, upstream = before_engine(owner=owner)
    asked = chat("hi", prompt="hi", **more)
    assert client.post(path, json=asked, headers=tiny).status_code == 200
    assert sent(upstream) == asked | told


@pytest.mark.parametrize(
    ("context", "text", "told", "asked"),
    [
        (52, "hi", {}, [CHAT]),
        (200, "hi", {"max_completion_tokens": 50}, [CHAT]),
        (69, FEW, {}, ["/tokenize", CHAT]),
        (70, FEW, {"max_completion_tokens": 50}, ["/tokenize", CHAT]),
    ],
    ids=["hardly more than the limit", "much more", "no room for more after the prompt", "room for it"],
)
def test_an_engine_that_cannot_write_more_than_the_limit_is_told_nothing_it_would_refuse(
    before_engine: Before, context: int, text: str, told: dict[str, Any], asked: list[str]
) -> None:
    client, tiny, upstream = before_engine(context_tokens=context)
    assert client.post(CHAT, json=chat(text), headers=tiny).status_code == 200
    assert sent(upstream) == chat(text) | told
    assert paths_after(upstream, 0) == asked
