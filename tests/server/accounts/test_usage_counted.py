"""Whatever is asked, and however: the tokens that the answer says are counted for the key and the model, and so is the
request, once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from harness import ClientOf, RunningServer, RunningUpstream
from starlette.testclient import TestClient

from inference.engine.engines import Engines
from inference.testing.scripted_engine import Heard, ScriptedEngine
from inference.testing.scripted_reply import ScriptedReply, refuses, says
from inference.usage.used import NOTHING, Used
from server.house import build_house
from server.settings import Settings
from server.wire.verification import VERIFY_ALIAS, VERIFY_MODEL
from tests.robustness.raw_http import connection, drop, post
from tests.robustness.waiting import wait_until
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
    key = make_keys(url_of(data), "mine")["mine"]
    settings = Settings(data_dir=data, web_search=False, engine_url=(upstream.url,), require_keys=True)
    client = client_of(settings)
    client.headers.update(key.headers)
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
    return called(client, name, arguments)["structuredContent"]


def called(client: TestClient, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    answer = client.post("/v1/mcp", json=message, headers={"accept": "application/json"})
    result: dict[str, Any] = answer.json()["result"]
    return result


def usage_of(client: TestClient) -> Spent:
    """What the endpoint says of the caller's key: a row a model, and more where a day has ended meanwhile."""
    spent: Spent = {}
    for item in client.get("/v1/usage").json()["data"]:
        assert item["total_tokens"] == item["input_tokens"] + item["output_tokens"]
        used = Used(item["requests"], item["input_tokens"], item["output_tokens"])
        spent[item["model"]] = spent.get(item["model"], NOTHING) + used
    return spent


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


def test_a_request_that_asks_no_model_that_is_here_counts_nothing(keyed: TestClient) -> None:
    for path in (CHAT, "/v1/completions", "/v1/embeddings"):
        assert keyed.post(path, json={"model": "nothing", "messages": [SENT], "input": "a"}).status_code == 404
        assert keyed.post(path, json={"messages": [SENT]}).status_code == 400
    assert keyed.post(VERIFY, json={"prompt": QUESTION}).status_code == 400
    assert keyed.post(CHAT, json={"model": VERIFY_MODEL}).status_code == 400
    assert keyed.get("/v1/models").status_code == 200
    assert usage_of(keyed) == {}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("verify", {}),
        ("verify", {"prompt": QUESTION, "response": FALSE, "judge": "nobody"}),
        ("verify", {"prompt": QUESTION, "response": FALSE, "judge": "client"}),
        ("verify_document", {"prompt": 7}),
        ("chat", {"model": "echo"}),
        ("chat", {"model": "nothing", "prompt": QUESTION}),
        ("chat", {"prompt": QUESTION}),
    ],
    ids=["nothing", "an unknown judge", "a judge that is not there", "no text", "no prompt", "no such model", "which"],
)
def test_a_call_of_a_tool_that_asks_no_model_counts_nothing(
    keyed: TestClient, name: str, arguments: dict[str, Any]
) -> None:
    assert called(keyed, name, arguments)["isError"]
    assert usage_of(keyed) == {}


@pytest.mark.parametrize(("model", "status"), [("narrow", 400), ("full", 429), ("failing", 503), ("garbage", 502)])
def test_a_request_that_an_engine_refuses_is_a_request_without_tokens(
    keyed: TestClient, model: str, status: int
) -> None:
    assert keyed.post(CHAT, json={"model": model, "messages": [SENT]}).status_code == status
    assert keyed.post(CHAT, json={"model": model, "messages": [SENT], "stream": True}).status_code == status
    assert usage_of(keyed) == {model: Used(2)}


@pytest.mark.parametrize("body", [{}, {"stream_options": {}}, {"stream_options": None}])
def test_an_engine_that_knows_no_stream_options_is_asked_as_the_caller_asked(
    client_of: ClientOf, tmp_path: Path, body: dict[str, Any]
) -> None:
    def script(heard: Heard) -> ScriptedReply:
        if (heard.body.get("stream_options") or {}).get("include_usage"):
            return refuses(422, "extra fields not permitted: stream_options")
        return says("one two three")

    engine = ScriptedEngine(script)
    settings = Settings(data_dir=tmp_path / "data", web_search=False, api_keys=["a-key-for-these-tests-0001"])
    client = client_of(settings, build_house(settings, engines=Engines((engine,))))
    client.headers["x-api-key"] = "a-key-for-these-tests-0001"
    asked = {"model": "scripted", "messages": [SENT]} | body
    for _ in range(2):
        assert events(client, CHAT, asked)
    assert [heard.body for heard in engine.asked()][1:] == [asked | {"stream": True}] * 2, "it is refused once"
    assert usage_of(client)["scripted"].requests == 2


def test_what_goes_to_the_engine_for_a_key_is_what_was_sent_and_the_question_for_its_tokens(
    keyed: TestClient, upstream: RunningUpstream
) -> None:
    body = json.dumps({"model": "echo", "messages": [SENT], "stream": True, "odd": 1.0}, indent=3).encode() + b"\n"
    keyed.post(CHAT, content=body)
    assert upstream.last.body == body.rstrip()[:-1] + b',"stream_options":{"include_usage":true}}'


def test_openais_client_streams_under_a_key_as_ever(keyed: TestClient) -> None:
    key = keyed.headers["authorization"].removeprefix("Bearer ")
    with openai.OpenAI(base_url="http://127.0.0.1:3001/v1", api_key=key, http_client=keyed) as sdk:
        messages: Any = [SENT]
        options: Any = {"include_usage": True}
        plain = list(sdk.chat.completions.create(model="echo", messages=messages, stream=True))
        told = list(sdk.chat.completions.create(model="echo", messages=messages, stream=True, stream_options=options))
    assert all(chunk.choices for chunk in plain)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in plain) == FALSE
    assert told[-1].usage
    assert (told[-1].choices, told[-1].usage.total_tokens) == ([], OF_FALSE.total_tokens)


def test_without_a_key_a_stream_passes_as_it_is_and_its_pieces_are_counted(
    client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream
) -> None:
    client = client_of(Settings(data_dir=tmp_path / "data", web_search=False, engine_url=(upstream.url,)))
    body = json.dumps({"model": "echo", "messages": [SENT], "stream": True}).encode()
    assert client.post(CHAT, content=body).content.count(b"data:  {") == 5
    assert upstream.last.body == body
    (item,) = client.get("/v1/usage").json()["data"]
    assert (item["key_id"], item["key_name"], item["requests"], item["input_tokens"]) == ("local", None, 1, 0)
    assert 0 < item["output_tokens"] <= len(FALSE.split())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, upstream: RunningUpstream) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("server") / "data", "--engine-url", upstream.url)
    yield running
    running.stop()


@pytest.mark.process
def test_of_a_stream_that_its_client_leaves_the_pieces_that_came_are_counted(server: RunningServer) -> None:
    text = "one two three four five six seven eight"
    asked = {"model": "slow", "messages": [{"role": "user", "content": text}], "stream": True}
    with connection(server.url) as opened:
        opened.sendall(post(CHAT, asked))
        came = b""
        while came.count(b"data:  {") < 3:
            block = opened.recv(65_536)
            assert block, came
            came += block
        drop(opened)  # where this process gets no time, the rest has come too, a piece for two words
    with server.client() as client:
        wait_until(lambda: "touchstone_requests_in_flight 1.0" in client.get("/metrics").text, "the request ends")
        spent = usage_of(client)["slow"]
    assert (spent.requests, spent.input_tokens) == (1, 0)
    assert 2 <= spent.output_tokens < 8
