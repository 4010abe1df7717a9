"""Lines of a batch are answered as the endpoints answer requests, by the real parts over a real upstream."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from harness import ClientOf, RunningUpstream
from prometheus_client import generate_latest
from starlette.testclient import TestClient

from inference import errors
from inference.batches.batch import Batch, Endpoint, Status
from inference.batches.line import Again, Line, LineAnswer, result_line
from inference.engine.engines import Engines
from inference.judges.scripted import ScriptedJudge
from inference.testing.judge_answers import honest_judge
from inference.testing.scripted_engine import MODEL as SERVED
from inference.testing.scripted_engine import Heard, ScriptedEngine
from inference.testing.scripted_reply import ScriptedReply
from inference.urgency import Urgency
from inference.usage.token_usage import TokenUsage
from inference.verdict import Judgement, Label
from server.answers.batch_answers import HouseAnswerer
from server.answers.line_failures import AGAIN, again_of
from server.errors import TABLE, RateLimited, row_of
from server.house import build_house, open_house
from server.settings import Settings
from tools.embed import MODEL as EMBEDDING_MODEL

CHAT, EMBEDDINGS, VERIFY = Endpoint.CHAT, Endpoint.EMBEDDINGS, Endpoint.VERIFY
CONTEXT = "The Eiffel Tower stands in Paris. It was built in 1889."
FALSE = "The Eiffel Tower is located in Rome."
MAY_DIFFER = frozenset({"id", "created"})
"""Fields of an answer that are another for each request."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningUpstream]:
    running = RunningUpstream({"Where is the Eiffel Tower?": FALSE})
    yield running
    running.stop()


@pytest.fixture
def settings(tmp_path: Path, upstream: RunningUpstream) -> Settings:
    return Settings(data_dir=tmp_path / "data", web_search=False, engine_url=(upstream.url,))


@pytest.fixture
def client(standing: Callable[..., TestClient], upstream: RunningUpstream) -> TestClient:
    return standing(engine_url=(upstream.url,))


@pytest.fixture
async def answerer(settings: Settings) -> AsyncIterator[HouseAnswerer]:
    house = build_house(settings)
    async with open_house(house):
        yield HouseAnswerer(house)


def batch(endpoint: Endpoint) -> Batch:
    return Batch("batch_1", "owner", Status.IN_PROGRESS, endpoint, "24h", "file-1", 0, 86_400)


async def answer(answerer: HouseAnswerer, endpoint: Endpoint, body: dict[str, Any]) -> LineAnswer:
    return await answerer.answer(batch(endpoint), Line(0, "one", body))


def chat(model: str = "echo", text: str = "Hello there", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]} | more


def without_ids(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name not in MAY_DIFFER}


CONVERSATION = [{"role": "user", "content": CONTEXT}, {"role": "assistant", "content": FALSE}]
BODIES: dict[str, tuple[Endpoint, dict[str, Any]]] = {
    "a chat": (CHAT, chat()),
    "a chat of tools": (CHAT, chat("tools")),
    "a chat that is not streamed": (CHAT, chat(stream=False)),
    "a verified chat": (CHAT, chat(text="Where is the Eiffel Tower?", verify=True, return_search_results=True)),
    "a corrected chat": (CHAT, chat(text="Where is the Eiffel Tower?", verify=True, correct=True)),
    "a chat with verify off": (CHAT, chat(verify=False)),
    "a verification as a chat": (CHAT, {"model": "klusterai/verify-reliability", "messages": CONVERSATION}),
    "the same under our name": (CHAT, {"model": "touchstone/verify", "messages": CONVERSATION, "correct": True}),
    "a verification": (VERIFY, {"prompt": "Where is it?", "output": FALSE, "context": CONTEXT}),
    "a verification with sources": (
        VERIFY,
        {"prompt": "Where is it?", "output": FALSE, "return_search_results": True, "model": "touchstone/verify"},
    ),
    "a correction": (VERIFY, {"prompt": "Where is it?", "output": FALSE, "context": CONTEXT, "correct": True}),
    "embeddings of the encoder": (EMBEDDINGS, {"model": EMBEDDING_MODEL, "input": ["a cat", "a dog"]}),
    "embeddings of an engine": (EMBEDDINGS, {"model": "echo", "input": "a cat"}),
    # What the caller has to mend is an answer too, and no reason to ask again.
    "a chat without messages": (CHAT, {"model": "touchstone/verify"}),
    "a chat of no model": (CHAT, {"messages": []}),
    "a chat of an unknown model": (CHAT, chat("nobody")),
    "a chat of the encoder": (CHAT, chat(EMBEDDING_MODEL)),
    "a chat over the context": (CHAT, chat("narrow")),
    "a chat that the engine refuses": (CHAT, chat("strict")),
    "two answers to be verified": (CHAT, chat(verify=True, n=2)),
    "a correction without verify": (CHAT, chat(correct=True)),
    "a verification of nothing": (VERIFY, {"prompt": "Where is it?", "output": ""}),
    "a misspelt field": (VERIFY, {"prompt": "Where is it?", "output": FALSE, "contxt": CONTEXT}),
    "a verification by no verifier": (VERIFY, {"prompt": "Where is it?", "output": FALSE, "model": "echo"}),
    "embeddings of a verifier": (EMBEDDINGS, {"model": "touchstone/verify", "input": "a cat"}),
    "embeddings of nothing": (EMBEDDINGS, {"model": EMBEDDING_MODEL, "input": []}),
}


@pytest.mark.parametrize(("endpoint", "body"), BODIES.values(), ids=BODIES)
async def test_a_line_gets_what_the_endpoint_answers(
    endpoint: Endpoint, body: dict[str, Any], answerer: HouseAnswerer, client: TestClient
) -> None:
    sent = client.post(endpoint.value, json=body)
    got = await answer(answerer, endpoint, body)
    assert got.error is None
    assert got.status == sent.status_code
    assert got.again is Again.NO
    assert without_ids(json.loads(got.body)) == without_ids(sent.json())


@pytest.mark.parametrize(("endpoint", "body"), BODIES.values(), ids=BODIES)
async def test_the_line_of_the_result_is_one_line_of_json(
    endpoint: Endpoint, body: dict[str, Any], answerer: HouseAnswerer
) -> None:
    line = Line(7, "one", body)
    text = result_line("batch_1", line, await answerer.answer(batch(endpoint), line))
    assert text.count(b"\n") == 1
    assert b"\r" not in text
    written = json.loads(text)
    assert written["custom_id"] == "one"
    assert written["response"]["request_id"]


HOSTILE_IDS = ["a\nb", "a\r\nb", "\x00\x1b[31m", "a\x85b\u2028c\u2029d", "\x0b\x0c\x1c", '"}\n{"', "\\", "é" * 512]


@pytest.mark.parametrize("custom_id", HOSTILE_IDS)
@pytest.mark.parametrize(
    "content",
    [
        b'{"a": "x\xe2\x80\xa8y\xe2\x80\xa9z\xc2\x85"}',
        b'{\n"a":\r\n1}',
        b'{"a": "\\u2028\\n"}',
        b'{"\xe2\x80\xa8": "\\\\"}',
    ],
)
async def test_a_result_is_one_line_for_every_reader(settings: Settings, custom_id: str, content: bytes) -> None:
    line = Line(0, custom_id, chat(SERVED))
    text = result_line("batch_1", line, await scripted(settings, content).answer(batch(CHAT), line))
    assert len(text.decode().splitlines()) == 1
    written = json.loads(text)
    assert written["custom_id"] == custom_id
    assert written["response"]["body"] == json.loads(content)


async def test_a_request_that_is_nested_too_deep_to_be_sent_on_is_refused_once(settings: Settings) -> None:
    nested: Any = "deep"
    for _ in range(500):
        nested = [nested]
    got = await answer(scripted(settings, {"choices": []}), CHAT, chat(SERVED, metadata=nested))
    assert (got.status, got.again) == (400, Again.NO)
    assert "nest it less" in json.loads(got.body)["error"]["message"]


async def test_an_engines_numbers_and_request_id_come_as_they_are(answerer: HouseAnswerer) -> None:
    got = await answer(answerer, CHAT, chat())
    assert b'"odd": 1.50' in got.body
    assert got.request_id == "the-upstreams-own"


async def test_a_line_of_ours_gets_an_id_of_its_own(answerer: HouseAnswerer) -> None:
    body = {"prompt": "Where is it?", "output": FALSE, "context": CONTEXT}
    ids = {(await answer(answerer, VERIFY, body)).request_id for _ in range(3)}
    assert len(ids) == 3


async def test_tokens_are_those_of_the_usage(answerer: HouseAnswerer) -> None:
    assert (await answer(answerer, CHAT, chat(text="one two three"))).tokens == TokenUsage(input=3, output=3)
    verified = await answer(answerer, VERIFY, {"prompt": "Where is it?", "output": FALSE, "context": CONTEXT})
    usage = json.loads(verified.body)["usage"]
    assert verified.tokens == TokenUsage(usage["prompt_tokens"], usage["completion_tokens"])
    assert verified.tokens.input > 0
    embedded = await answer(answerer, EMBEDDINGS, {"model": EMBEDDING_MODEL, "input": "a cat"})
    assert embedded.tokens.input > 0


async def test_tokens_that_were_cached_or_thought_are_counted_apart(settings: Settings) -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 8,
        "prompt_tokens_details": {"cached_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 6},
    }
    answerer = scripted(settings, {"choices": [], "usage": usage})
    assert (await answer(answerer, CHAT, chat(SERVED))).tokens == TokenUsage(9, 8, 5, 6)


@pytest.mark.parametrize("usage", [None, 3, {"prompt_tokens": -1}, {"prompt_tokens": "9"}, {"prompt_tokens": 2**70}])
async def test_counts_that_are_none_count_for_nothing(settings: Settings, usage: object) -> None:
    answerer = scripted(settings, json.dumps({"choices": [], "usage": usage}).encode())
    got = await answer(answerer, CHAT, chat(SERVED))
    assert got.succeeded
    assert got.tokens == TokenUsage()


async def test_an_answer_cannot_be_streamed_into_a_file(answerer: HouseAnswerer) -> None:
    got = await answer(answerer, CHAT, chat(stream=True))
    assert (got.status, got.again) == (400, Again.NO)
    error = json.loads(got.body)["error"]
    assert (error["param"], error["code"]) == ("stream", "invalid_input")


TROUBLES = {
    "full": (Again.WHEN_UP, "rate_limit_exceeded"),
    "loading": (Again.WHEN_UP, "engine_unavailable"),
    "dropping": (Again.WHEN_UP, "engine_unavailable"),
    "breaking": (Again.WHEN_UP, "engine_unavailable"),
    "failing": (Again.SOON, "engine_error"),
    "locked": (Again.SOON, "engine_error"),
    "garbage": (Again.SOON, "engine_unreadable"),
}


@pytest.mark.parametrize(("model", "again", "code"), [(name, *row) for name, row in TROUBLES.items()])
async def test_trouble_of_the_engine_is_no_answer_and_says_when_to_ask_again(
    model: str, again: Again, code: str, answerer: HouseAnswerer
) -> None:
    got = await answer(answerer, CHAT, chat(model))
    assert got.error is not None
    assert (got.again, got.error.code) == (again, code)
    assert got.body == b""
    assert not got.succeeded


async def test_an_engine_that_is_full_says_for_how_long(answerer: HouseAnswerer) -> None:
    assert (await answer(answerer, CHAT, chat("full"))).retry_after_s == 7


async def test_a_model_of_an_engine_that_is_away_is_waited_for(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, web_search=False, engine_url=("http://127.0.0.1:9",))
    house = build_house(settings)
    async with open_house(house):
        got = await answer(HouseAnswerer(house), CHAT, chat("nobody"))
    assert got.again is Again.WHEN_UP


@pytest.mark.parametrize("content", [b'{"choices": [}', b'{"a": "\xff"}', b'{"a": "line\nbreak"}', b'{"a": NaN}'])
async def test_what_only_looks_like_json_is_not_written_down(settings: Settings, content: bytes) -> None:
    got = await answer(scripted(settings, content), CHAT, chat(SERVED))
    assert got.error is not None
    assert (got.again, got.error.code) == (Again.SOON, "engine_unreadable")


async def test_a_fault_in_a_line_is_the_lines_own(settings: Settings) -> None:
    house = build_house(settings, engines=Engines([FaultyEngine(())]))
    async with open_house(house):
        got = await answer(HouseAnswerer(house), CHAT, chat(SERVED))
    assert got.error is not None
    assert (got.again, got.error.code) == (Again.SOON, "internal_error")


async def test_a_verification_that_fails_is_tried_again_without_asking_the_model_anew(settings: Settings) -> None:
    message = {"role": "assistant", "content": FALSE}
    said = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "model": SERVED}
    engine = ScriptedEngine(lambda heard: ScriptedReply(body=json.dumps(said).encode()))
    judge = ScriptedJudge({FALSE: Judgement(Label.REFUTED, 0.1, "It is in Paris.")}, available=False)
    house = build_house(settings, judge=judge, engines=Engines([engine]))
    line = Line(0, "one", chat(SERVED, verify=True))
    async with open_house(house):
        answerer = HouseAnswerer(house)
        failed = await answerer.answer(batch(CHAT), line)
        assert failed.again is Again.WHEN_UP
        assert "error" in json.loads(failed.body)["verification"]
        judge._available = True
        answered = await answerer.answer(batch(CHAT), line)
    assert answered.again is Again.NO
    assert json.loads(answered.body)["verification"]["verdict"] == "refuted"
    assert len(engine.asked()) == 1


async def test_lines_are_counted_apart_from_requests(settings: Settings) -> None:
    house = build_house(settings)
    async with open_house(house):
        answerer = HouseAnswerer(house)
        for model in ("echo", "echo", "strict", "failing"):
            await answer(answerer, CHAT, chat(model))
    told = generate_latest(house.metrics.registry).decode()
    for outcome, count in {"answered": 2, "refused": 1, "failed": 1}.items():
        name = f'touchstone_batch_lines_total{{endpoint="/v1/chat/completions",outcome="{outcome}"}}'
        assert f"{name} {count:.1f}" in told
    assert "touchstone_batch_lines_running 0.0" in told
    assert "touchstone_requests_total{" not in told


@pytest.mark.parametrize(
    ("priority", "urgency"), [(5, Urgency.BATCH_FIRST), (0, Urgency.BATCH), (-5, Urgency.BATCH_LAST)]
)
async def test_all_that_is_asked_for_a_line_goes_behind_live_work(
    priority: int, urgency: Urgency, settings: Settings
) -> None:
    engine = ScriptedEngine(honest_judge)
    house = build_house(settings.model_copy(update={"judge_model": SERVED}), engines=Engines([engine]))
    verified = Line(0, "one", {"prompt": "Where is it?", "output": FALSE})
    async with open_house(house):
        answerer = HouseAnswerer(house)
        assert (await answerer.answer(replace(batch(VERIFY), priority=priority), verified)).succeeded
        await answerer.answer(replace(batch(CHAT), priority=priority), Line(0, "one", chat(SERVED)))
    assert len(engine.asked()) >= 2
    assert {heard.urgency for heard in engine.asked()} == {urgency}
    assert urgency > Urgency.LIVE


def test_lines_know_when_a_live_request_is_under_way(client_of: ClientOf, settings: Settings) -> None:
    seen = []

    def script(heard: Heard) -> ScriptedReply:
        seen.append(house.live.is_under_way)
        return ScriptedReply(body=b"{}")

    house = build_house(settings, engines=Engines([ScriptedEngine(script)]))
    assert client_of(settings, house).post(CHAT, json=chat(SERVED)).status_code == 200
    assert seen == [True]
    assert not house.live.is_under_way


async def test_a_line_is_answered_beside_a_live_request_that_does_not_end(settings: Settings) -> None:
    house = build_house(settings)
    async with open_house(house):
        house.live.begin()
        assert (await answer(HouseAnswerer(house), CHAT, chat())).succeeded


def every(kind: type[errors.TouchstoneError]) -> Iterator[type[errors.TouchstoneError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from every(below)


def test_each_error_of_the_tree_is_final_just_where_it_is_the_callers_to_mend() -> None:
    kinds = [kind for kind in every(errors.TouchstoneError) if kind in TABLE]
    assert set(kinds) == set(TABLE)
    assert set(AGAIN) <= set(TABLE)
    final = {kind for kind in kinds if again_of(kind("why")) is Again.NO}
    callers = {kind for kind in kinds if row_of(kind("why")).status < 500} - {RateLimited}  # which passes
    nobody_can_help = {errors.CorpusEmpty, errors.EncoderUnavailable, errors.SettingsError}
    assert final == callers | nobody_can_help


class FaultyEngine(ScriptedEngine):
    def open(self, request: Any) -> Any:
        raise ZeroDivisionError


def scripted(settings: Settings, answered: Any) -> HouseAnswerer:
    """An answerer whose engine answers with these bytes, or with this value."""
    body = answered if isinstance(answered, bytes) else json.dumps(answered).encode()
    engine = ScriptedEngine([ScriptedReply(body=body)])
    return HouseAnswerer(build_house(settings, engines=Engines([engine])))
