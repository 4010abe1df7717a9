"""Requests for the engines' models: what reaches the engine, what comes back, and what is said when nothing does."""

import asyncio
import contextlib
import itertools
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from harness import ClientOf, RunningServer, RunningUpstream
from starlette.testclient import TestClient

from server.http.disconnect import EXTENSION, Departure
from server.settings import Settings
from tests.robustness.raw_http import connection, drop, post
from tests.robustness.waiting import wait_until
from tests.server.asgi_scope import post_scope

CHAT = "/v1/chat/completions"
KEY = "a-long-key-of-this-test"


def engine_client(client_of: ClientOf, tmp_path: Path, *urls: str, **more: Any) -> TestClient:
    return client_of(Settings(data_dir=tmp_path / "data", web_search=False, engine_url=urls, **more))


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    """Closes what is entered when the test is over."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def client(standing: Callable[..., TestClient], upstream: RunningUpstream) -> TestClient:
    return standing(engine_url=(upstream.url,))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, upstream: RunningUpstream) -> Iterator[RunningServer]:
    """The whole server in a process of its own, before the same engine."""
    running = RunningServer(tmp_path_factory.mktemp("server") / "data", "--engine-url", upstream.url)
    yield running
    running.stop()


@pytest.fixture
def sdk(server: RunningServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def chat(model: str, text: str = "Hello there", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]} | more


def error_of(answer: Any) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert isinstance(error["code"], str)
    return error


@pytest.mark.parametrize("path", [CHAT, "/v1/completions"])
def test_what_is_sent_and_what_is_answered_pass_byte_for_byte(
    client: TestClient, upstream: RunningUpstream, path: str
) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    content = [{"type": "text", "text": "What is it?"}, image]
    asked = chat("echo", messages=[{"role": "user", "content": content}], tools=[], odd={"x": 1.0}, logprobs=True)
    body = json.dumps(asked, indent=3).encode()
    through = client.post(path, content=body, headers={"content-type": "application/json"})
    assert upstream.last.body == body
    assert "authorization" not in upstream.last.headers
    assert through.status_code == 200
    assert b'"odd": 1.50' in through.content  # what no JSON library writes
    assert b"\n " in through.content


def test_of_the_engines_headers_those_for_the_caller_pass(client: TestClient) -> None:
    headers = client.post(CHAT, json=chat("echo")).headers
    assert (headers["content-type"], headers["x-ratelimit-limit-requests"]) == ("application/json", "60")
    assert headers["x-request-id"].startswith("req_")
    assert "server" not in headers


def test_a_stream_passes_byte_for_byte(client: TestClient) -> None:
    answer = client.post(CHAT, json=chat("echo", stream=True))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.count(b"data:  {") == 5  # two spaces, as the upstream writes them
    assert answer.content.endswith(b"\n\ndata: [DONE]\n\n")


@pytest.mark.process
def test_openais_client_streams_calls_tools_and_embeds(sdk: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "The quick brown fox"}]
    stream = sdk.chat.completions.create(model="echo", messages=messages, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "The quick brown fox"
    called = sdk.chat.completions.create(model="tools", messages=messages).choices[0].message.tool_calls
    assert called
    assert called[0].id == "call_1"
    assert sdk.embeddings.create(model="echo", input=["a", "b"], encoding_format="float").data[1].embedding == [
        0.25,
        -0.5,
    ]
    assert "echo" in [model.id for model in sdk.models.list()]
    assert sdk.models.retrieve("echo").owned_by == "upstream"


def test_our_own_models_stay_ours_beside_an_engine(client: TestClient) -> None:
    listed = [model["id"] for model in client.get("/v1/models").json()["data"]]
    assert listed[:3] == ["klusterai/verify-reliability", "touchstone/verify", "touchstone/all-minilm-l6-v2"]
    assert "echo" in listed
    body = client.post("/v1/embeddings", json={"model": "touchstone/all-minilm-l6-v2", "input": "a"}).json()
    assert len(body["data"][0]["embedding"]) == 384
    assert client.post("/v1/embeddings", json={"model": "echo", "input": "a"}).json()["model"] == "echo"


@pytest.mark.parametrize("path", [CHAT, "/v1/completions", "/v1/embeddings"])
def test_a_model_that_nobody_serves_is_not_found_and_the_message_says_what_there_is(
    client: TestClient, path: str
) -> None:
    answer = client.post(path, json={"model": "nothing", "input": "a", "messages": []})
    assert (answer.status_code, error_of(answer)["code"]) == (404, "model_not_found")
    assert "echo" in error_of(answer)["message"]


def test_without_an_engine_the_message_says_how_to_get_one(client_of: ClientOf, tmp_path: Path) -> None:
    answer = engine_client(client_of, tmp_path).post(CHAT, json=chat("Qwen/Qwen3-8B"))
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert "--model" in error["message"]
    assert "--engine-url" in error["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"messages": []}', b'{"model": 1}', b"\xff"])
def test_what_is_no_object_with_a_model_never_reaches_the_engine(
    client: TestClient, upstream: RunningUpstream, body: bytes
) -> None:
    before = len(upstream.upstream.received)
    assert client.post(CHAT, content=body).status_code == 400
    assert len(upstream.upstream.received) == before


@pytest.mark.parametrize(
    ("model", "status", "code", "words"),
    [
        ("failing", 503, "engine_error", "CUDA error"),
        ("loading", 503, "engine_unavailable", "Loading model"),
        ("locked", 503, "engine_error", "TOUCHSTONE_ENGINE_KEY"),
        ("garbage", 502, "engine_unreadable", "no JSON object"),
        ("dropping", 503, "engine_unavailable", "broke the connection off"),
        ("breaking", 503, "engine_unavailable", "broke the connection off"),
        ("narrow", 400, "context_length_exceeded", "maximum context length"),
        ("strict", 422, "invalid_input", "field required"),
        ("full", 429, "rate_limit_exceeded", "Rate limit reached"),
    ],
)
def test_what_goes_wrong_in_the_engine_is_said_in_openais_shape(
    client: TestClient, model: str, status: int, code: str, words: str
) -> None:
    answer = client.post(CHAT, json=chat(model))
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (status, code)
    assert words in error["message"]
    if status in (429, 503):
        assert answer.headers["retry-after"] == ("7" if status == 429 else "5")
    assert "server" not in answer.headers


@pytest.mark.process
def test_openais_client_raises_its_own_errors(sdk: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "a"}]
    with pytest.raises(openai.BadRequestError) as narrow:
        sdk.chat.completions.create(model="narrow", messages=messages)
    assert narrow.value.code == "context_length_exceeded"
    with pytest.raises(openai.RateLimitError, match="Rate limit reached"):
        sdk.chat.completions.create(model="full", messages=messages)
    with pytest.raises(openai.InternalServerError, match="CUDA error"):
        sdk.chat.completions.create(model="failing", messages=messages)


def test_an_engine_that_is_down_is_unavailable_its_models_are_missing_and_the_server_is_ready(
    client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream, stack: contextlib.ExitStack
) -> None:
    taken = stack.enter_context(socket.socket())
    taken.bind(("127.0.0.1", 0))  # nobody else can listen there, and this one does not
    down = f"http://127.0.0.1:{taken.getsockname()[1]}"
    client = engine_client(client_of, tmp_path, down, upstream.url)
    assert client.post(CHAT, json=chat("echo")).status_code == 200
    answer = client.post(CHAT, json=chat("of-the-other"))
    assert (answer.status_code, error_of(answer)["code"]) == (503, "engine_unavailable")
    assert down in error_of(answer)["message"]
    assert int(answer.headers["retry-after"]) >= 1
    assert client.get("/v1/models/echo").status_code == 200
    ready = client.get("/ready")
    assert ready.status_code == 200
    first, second = ready.json()["engines"]
    assert (first["name"], first["status"]) == (f"{down}/v1", "unavailable")
    assert "cannot be reached" in first["message"]
    assert second == {"name": f"{upstream.url}/v1", "status": "ready"}


@pytest.mark.parametrize(("model", "stream"), [("silent", False), ("silent", True), ("stalling", False)])
def test_an_engine_that_says_nothing_is_cut_off(
    client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream, model: str, stream: bool
) -> None:
    client = engine_client(client_of, tmp_path, upstream.url, engine_timeout_s=0.2)
    answer = client.post(CHAT, json=chat(model, stream=stream))
    assert (answer.status_code, error_of(answer)["code"]) == (503, "engine_unavailable")
    assert "TOUCHSTONE_ENGINE_TIMEOUT_S" in error_of(answer)["message"]


def streamed(client: TestClient, body: dict[str, Any], then: Callable[[], None]) -> str:
    """The whole answer to a request that is made inside the application's loop. `then` is done when it has begun."""
    parts: list[bytes] = []

    async def call() -> None:
        given: list[Any] = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]

        async def receive() -> Any:
            return given.pop() if given else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            if message.get("body"):
                parts.append(message["body"])
                if len(parts) == 1:
                    then()

        await client.app(post_scope(CHAT), receive, send)

    assert client.portal
    client.portal.call(call)
    return b"".join(parts).decode()


@pytest.mark.parametrize("model", ["stalling", "breaking"])
def test_a_stream_that_breaks_ends_with_an_error_event_and_no_half_event(
    client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    client = engine_client(client_of, tmp_path, upstream.url, engine_timeout_s=1_000.0)

    def run_fast() -> None:
        """The clock, by ten seconds with each look at it. What came before is in time, however slow this machine is."""
        loop = asyncio.get_running_loop()
        now, looks = loop.time, itertools.count()
        monkeypatch.setattr(loop, "time", lambda: now() + 10.0 * next(looks))

    text = streamed(client, chat(model, stream=True), run_fast if model == "stalling" else lambda: None)
    events = [json.loads(line.removeprefix("data:")) for line in text.splitlines() if line]
    assert events[0]["choices"][0]["delta"]["content"]
    assert events[1]["error"]["code"] == "engine_unavailable"
    assert len(events) == 2


@pytest.mark.process
def test_openais_client_raises_the_error_in_a_stream(sdk: openai.OpenAI) -> None:
    stream = sdk.chat.completions.create(
        model="breaking", messages=[{"role": "user", "content": "Hello there"}], stream=True
    )
    with pytest.raises(openai.APIError, match="broke the connection off"):
        list(stream)


def test_a_client_that_leaves_in_the_middle_of_a_whole_answer_is_no_fault(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    departure = Departure()

    async def call() -> None:
        given: list[Any] = [{"type": "http.request", "body": json.dumps(chat("echo")).encode(), "more_body": False}]

        async def receive() -> Any:
            return given.pop()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                departure.happen()
                await asyncio.Event().wait()  # for room that there never is

        await client.app(post_scope(CHAT) | {"extensions": {EXTENSION: departure}}, receive, send)

    assert client.portal
    client.portal.call(call)
    assert "fault" not in caplog.text


@pytest.mark.process
@pytest.mark.parametrize(("model", "stream"), [("silent", False), ("silent", True), ("stalling", True)])
def test_a_client_that_leaves_aborts_the_request_in_the_engine(
    server: RunningServer, upstream: RunningUpstream, model: str, stream: bool
) -> None:
    engine = upstream.upstream
    wait_until(lambda: engine.under_way == 0, "the engine has lost those of the tests before")
    received, aborted = len(engine.received), engine.aborted
    with connection(server.url) as opened:
        opened.sendall(post(CHAT, chat(model, stream=stream)))
        wait_until(lambda: len(engine.received) == received + 1, "the engine has the request")
        if model == "stalling":
            assert opened.recv(65_536).startswith(b"HTTP/1.1 200")
        drop(opened)
    wait_until(lambda: engine.aborted == aborted + 1, "the engine has lost its caller")
    assert "Traceback" not in server.log()


def test_over_the_limit_of_requests_under_way_the_next_is_refused(
    tmp_path: Path, upstream: RunningUpstream, start_server: Callable[..., RunningServer]
) -> None:
    server = start_server("--engine-url", upstream.url, "--engine-running-max", "1")
    received = len(upstream.upstream.received)
    with connection(server.url) as opened, server.client() as client:
        opened.sendall(post(CHAT, chat("silent")))
        wait_until(lambda: len(upstream.upstream.received) == received + 1, "the engine has the request")
        answer = client.post(CHAT, json=chat("echo"))
        assert (answer.status_code, error_of(answer)["code"]) == (503, "overloaded")
        assert "TOUCHSTONE_ENGINE_RUNNING_MAX" in error_of(answer)["message"]


def test_the_engines_key_goes_to_the_engine_and_a_callers_key_does_not(client_of: ClientOf, tmp_path: Path) -> None:
    locked = RunningUpstream(key="engine-key-1")
    client = engine_client(
        client_of, tmp_path, locked.url, engine_key=("engine-key-1",), api_keys=(KEY,), require_keys=True
    )
    answer = client.post(CHAT, json=chat("echo"), headers={"authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200
    assert locked.last.headers["authorization"] == "Bearer engine-key-1"
    assert KEY not in str(locked.last)
    locked.stop()


def test_neither_key_nor_text_is_logged(upstream: RunningUpstream, start_server: Callable[..., RunningServer]) -> None:
    server = start_server("--engine-url", upstream.url, TOUCHSTONE_ENGINE_KEY="engine-key-2")
    with server.client() as client:
        for model in ("echo", "failing", "locked", "breaking"):
            client.post(CHAT, json=chat(model, "a text of the caller"))
    assert "route=/v1/chat/completions" in server.log()
    assert "engine-key-2" not in server.log()
    assert "a text of the caller" not in server.log()
