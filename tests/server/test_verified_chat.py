"""`"verify": true` in a chat completion of an engine's model: the answer, and what is true of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from harness import ClientOf, RunningServer, RunningUpstream
from starlette.testclient import TestClient

from inference.engine.engines import Engines
from inference.testing.scripted_engine import ScriptedEngine
from inference.testing.scripted_reply import ScriptedReply
from server.house import build_house
from server.settings import Settings
from tests.robustness.raw_http import connection, drop, post, read_until
from tests.robustness.waiting import wait_until

CHAT = "/v1/chat/completions"
QUESTION = "Where is the Eiffel Tower?"
FALSE = "The Eiffel Tower is located in Rome."
NOTHING = "Are you glad?"
INVOICE = "What is the total of the invoice? "  # the upstream puts a space between text and picture
ANSWERS = {
    INVOICE: "The total of the invoice is 940 EUR.",
    QUESTION: FALSE,
    NOTHING: "Happy to help!",
}


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningUpstream]:
    running = RunningUpstream(ANSWERS)
    yield running
    running.stop()


@pytest.fixture
def client(standing: Callable[..., TestClient], upstream: RunningUpstream) -> TestClient:
    return standing(engine_url=(upstream.url,))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, upstream: RunningUpstream) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("server") / "data", "--engine-url", upstream.url)
    yield running
    running.stop()


def chat(model: str = "echo", text: Any = QUESTION, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], "verify": True} | more


def events(text: str) -> list[Any]:
    datas = [line.removeprefix("data:").strip() for line in text.splitlines() if line.startswith("data:")]
    return [data if data == "[DONE]" else json.loads(data) for data in datas]


def test_the_answer_comes_with_verdicts_on_its_claims(client: TestClient) -> None:
    body = client.post(CHAT, json=chat()).json()
    assert body["choices"][0]["message"]["content"] == FALSE
    assert body["verification"]["verdict"] == "refuted"
    claim = body["verification"]["claims"][0]
    assert FALSE[claim["start"] : claim["end"]] == claim["text"]
    assert "search_results" not in body["verification"]


def test_sources_are_listed_if_asked_for(client: TestClient) -> None:
    assert client.post(CHAT, json=chat(return_search_results=True)).json()["verification"]["search_results"]


def test_our_fields_are_taken_out_and_the_rest_reaches_the_engine(
    client: TestClient, upstream: RunningUpstream
) -> None:
    client.post(CHAT, json=chat(return_search_results=True, correct=False, odd={"x": 1.5}, seed=7))
    sent = json.loads(upstream.last.body)
    assert sent == {"model": "echo", "messages": chat()["messages"], "odd": {"x": 1.5}, "seed": 7}


def test_verify_false_is_taken_out_and_the_answer_stays_as_it_is(client: TestClient) -> None:
    plain = chat()
    del plain["verify"]
    assert client.post(CHAT, json=chat(verify=False)).content == client.post(CHAT, json=plain).content


def test_the_answers_own_bytes_stay_as_they_are(client: TestClient) -> None:
    content = client.post(CHAT, json=chat(text=NOTHING)).content
    assert b'"odd": 1.50' in content
    assert json.loads(content)["verification"]["verdict"] == "nothing_to_check"


def test_streamed_the_verdict_follows_the_last_chunk(client: TestClient) -> None:
    found = events(client.post(CHAT, json=chat(stream=True)).text)
    assert found[-1] == "[DONE]"
    *chunks, verdict = found[:-1]
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == FALSE
    assert (verdict["choices"], verdict["verification"]["verdict"]) == ([], "refuted")
    assert {(c["id"], c["model"], c["object"]) for c in found[:-1]} == {
        ("chatcmpl-upstream", "echo", "chat.completion.chunk")
    }


@pytest.mark.process
def test_openais_client_reads_the_verdict_in_both_forms(server: RunningServer) -> None:
    messages: Any = [{"role": "user", "content": QUESTION}]
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as sdk:
        whole = sdk.chat.completions.create(model="echo", messages=messages, extra_body={"verify": True})
        assert whole.model_extra
        assert whole.model_extra["verification"]["is_hallucination"] is True
        *_, last = sdk.chat.completions.create(
            model="echo", messages=messages, extra_body={"verify": True}, stream=True
        )
        assert last.model_extra
        assert last.model_extra["verification"]["verdict"] == "refuted"


def test_material_of_the_conversation_is_evidence_and_parts_without_text_are_ignored(client: TestClient) -> None:
    tool = {"role": "tool", "tool_call_id": "1", "content": "The total of the invoice is 940 EUR, due on 1 March 2025."}
    parts = [{"type": "text", "text": INVOICE.strip()}, {"type": "image_url", "image_url": {"url": "data:"}}]
    body = client.post(CHAT, json=chat(messages=[tool, {"role": "user", "content": parts}])).json()
    assert body["choices"][0]["message"]["content"] == ANSWERS[INVOICE]
    assert body["verification"]["verdict"] == "supported"


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_without_text_has_nothing_to_verify(client: TestClient, stream: bool) -> None:
    asked = chat("tools", text="" if stream else QUESTION, stream=stream)
    answer = client.post(CHAT, json=asked)
    assert (events(answer.text)[-2] if stream else answer.json())["verification"] is None


@pytest.mark.parametrize("stream", [False, True])
def test_a_corrected_answer_stands_in_the_verification(client: TestClient, stream: bool) -> None:
    answer = client.post(CHAT, json=chat(stream=stream) | {"correct": True})
    body = events(answer.text)[-2] if stream else answer.json()
    correction = body["verification"]["correction"]
    assert [edit["original"] for edit in correction["edits"]] != []
    assert "Rome" not in correction["text"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_verification_that_fails_is_said_beside_the_answer(
    client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream, stream: bool
) -> None:
    settings = Settings(data_dir=tmp_path, web_search=False, engine_url=(upstream.url,), response_chars_max=10)
    answer = client_of(settings).post(CHAT, json=chat(stream=stream))
    body = events(answer.text)[-2] if stream else answer.json()
    assert answer.status_code == 200
    assert set(body["verification"]) == {"error"}
    error = body["verification"]["error"]
    assert (set(error), error["code"]) == ({"message", "type", "param", "code"}, "too_large")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 2}, "n"),
        ({"verify": "yes"}, "verify"),
        ({"verify": False, "correct": True}, "correct"),
        ({"correct": "yes"}, "correct"),
        ({"n": 2, "stream": True}, "n"),
    ],
)
def test_what_cannot_be_verified_is_refused_before_the_engine_is_asked(
    client: TestClient, upstream: RunningUpstream, change: dict[str, Any], param: str
) -> None:
    before = len(upstream.upstream.received)
    answer = client.post(CHAT, json=chat() | change)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert len(upstream.upstream.received) == before


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("narrow", 400, "context_length_exceeded"),
        ("failing", 503, "engine_error"),
        ("garbage", 502, "engine_unreadable"),
        ("nothing", 404, "model_not_found"),
    ],
)
def test_what_the_engine_refuses_is_refused(client: TestClient, model: str, status: int, code: str) -> None:
    answer = client.post(CHAT, json=chat(model))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_stream_that_breaks_is_not_verified(client: TestClient) -> None:
    found = events(client.post(CHAT, json=chat("breaking", stream=True)).text)
    assert found[-1]["error"]["code"] == "engine_unavailable"
    assert not [event for event in found if "verification" in event]


def streamed(client_of: ClientOf, settings: Settings, *parts: bytes) -> list[Any]:
    """The events that a caller gets of an answer whose stream comes in these parts."""
    engines = Engines([ScriptedEngine([ScriptedReply(stream=parts)])])
    answer = client_of(settings, build_house(settings, engines=engines)).post(CHAT, json=chat("scripted", stream=True))
    assert answer.status_code == 200
    return events(answer.text)


def event(chunk: Any) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


SAID = event({"id": "1", "choices": [{"index": 0, "delta": {"content": FALSE}, "finish_reason": None}]})
STOP = event({"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    "odd",
    [
        5,
        {"choices": 5},
        {"choices": [5]},
        {"choices": {"a": 1}},
        {"choices": [{"delta": ["a"]}]},
        {"usage": {"prompt_tokens": "some"}},
    ],
)
def test_what_is_no_chunk_reaches_the_caller_and_what_holds_it_is_not_verified(
    client_of: ClientOf, settings: Settings, odd: Any
) -> None:
    found = streamed(client_of, settings, SAID, event(odd), STOP, DONE)
    assert odd in found
    assert found[-2]["verification"]["error"]["code"] == "engine_unreadable"
    assert found[-1] == "[DONE]"


def test_an_error_within_the_stream_is_why_nothing_is_verified(client_of: ClientOf, settings: Settings) -> None:
    found = streamed(client_of, settings, SAID, event({"error": {"message": "CUDA error", "code": 500}}), DONE)
    assert "CUDA error" in found[-2]["verification"]["error"]["message"]


def test_half_an_answer_is_not_verified_though_its_stream_ends_in_order(
    client_of: ClientOf, settings: Settings
) -> None:
    last = streamed(client_of, settings, SAID)[-1]
    assert last["verification"]["error"]["code"] == "engine_unavailable"


@pytest.mark.parametrize(
    "parts",
    [
        (SAID, STOP, b"data:  [DONE]\n\n"),
        (SAID, STOP, b"data:[DONE]\r\n\r\n"),
        (SAID, STOP, DONE + b": bye\n\n"),
        (SAID + STOP + DONE,),
        (SAID, DONE),
    ],
)
def test_however_the_end_of_a_stream_is_written_the_verdict_stands_before_it(
    client_of: ClientOf, settings: Settings, parts: tuple[bytes, ...]
) -> None:
    *_, verdict, done = streamed(client_of, settings, *parts)
    assert (verdict["verification"]["verdict"], done) == ("refuted", "[DONE]")


def test_a_client_that_leaves_during_the_verification_stops_it(
    start_server: Callable[..., RunningServer], upstream: RunningUpstream
) -> None:
    """The model that judges never answers, so that the verification is under way however late the client leaves."""
    server, engine = start_server("--engine-url", upstream.url, "--judge-model", "silent"), upstream.upstream
    aborted = engine.aborted
    with connection(server.url) as opened:
        opened.sendall(post(CHAT, chat(stream=True)))
        read_until(opened, b'"finish_reason": "stop"')
        wait_until(lambda: json.loads(upstream.last.body)["model"] == "silent", "the model that judges is asked")
        assert engine.aborted == aborted
        drop(opened)
    wait_until(lambda: engine.aborted == aborted + 1, "the engine has lost its caller")
    with server.client() as client:
        wait_until(
            lambda: "touchstone_requests_in_flight 1.0" in client.get("/metrics").text, "the abandoned request ends"
        )
        assert 'verdict="' not in client.get("/metrics").text
    assert "Traceback" not in server.log()
