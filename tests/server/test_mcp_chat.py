"""The MCP tool `chat`: an engine's model answers, and its answer is verified if asked for."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from mcp import Client

from inference.engine.engine import Engine
from inference.engine.engines import Engines
from inference.evidence.memory import InMemoryRetriever
from inference.judges.scripted import ScriptedJudge
from inference.testing.scripted_engine import Heard, ScriptedEngine, model_object
from inference.testing.scripted_reply import UNREACHABLE, ScriptedReply, refuses, says
from inference.verdict import Judgement, Label, Provenance
from server.house import House, build_house
from server.mcp import progress
from server.mcp.chat_result import CONTENT_BYTES_MAX, VERIFIED_CONTENT_BYTES_MAX, ChatResult
from server.mcp.protocol import build_mcp
from server.settings import Settings

WAIT_S = 60.0
TOWER = "The Eiffel Tower is located in Rome."
NOTHING = InMemoryRetriever([])
ROME = {TOWER: Judgement(Label.REFUTED, 0.02, "It is in Paris.")}


def house_of(settings: Settings, engine: ScriptedEngine | None, judge: ScriptedJudge | None = None) -> House:
    engines = Engines([engine] if engine else [])
    return build_house(settings, judge=judge or ScriptedJudge(ROME), retrievers=(NOTHING,), engines=engines)


def client_of_house(house: House) -> Client:
    return Client(build_mcp(house), mode="legacy")  # within this process, yet message by message as over stdio


async def chat(house: House, arguments: dict[str, Any]) -> Any:
    async with client_of_house(house) as client:
        return await client.call_tool("chat", arguments)


def streams(event: dict[str, Any]) -> ScriptedReply:
    """One event and no more."""
    return ScriptedReply(stream=(b"data: " + json.dumps(event).encode() + b"\n\n",))


def body_of(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content[0].text
    body: dict[str, Any] = result.structured_content
    assert json.loads(result.content[0].text) == body
    ChatResult.model_validate(body)
    return body


def words_of(result: Any) -> str:
    assert result.is_error
    text: str = result.content[0].text
    return text


async def test_a_prompt_is_answered_by_the_only_model_there_is(settings: Settings) -> None:
    engine = ScriptedEngine([says("Rome is the capital of Italy.")])
    body = body_of(await chat(house_of(settings, engine), {"prompt": "What is the capital of Italy?"}))
    assert (body["model"], body["content"]) == ("scripted", "Rome is the capital of Italy.")
    assert (body["finish_reason"], body["content_chars_omitted"], body["verification"]) == ("stop", 0, None)
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"] > 0
    assert engine.heard[0].messages == [{"role": "user", "content": "What is the capital of Italy?"}]
    assert engine.heard[0].body["stream"] is True
    assert engine.aborted == []


async def test_a_conversation_reaches_the_model_as_it_is(settings: Settings) -> None:
    engine = ScriptedEngine([says("In 1889.")])
    messages = [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "Who built it?"},
        {"role": "assistant", "content": "Eiffel's firm."},
        {"role": "user", "content": "When?"},
    ]
    assert body_of(await chat(house_of(settings, engine), {"messages": messages}))["content"] == "In 1889."
    assert engine.heard[0].messages == messages


async def test_a_verified_answer_comes_with_a_verdict_on_each_claim(settings: Settings) -> None:
    house = house_of(settings, ScriptedEngine([says(TOWER)]))
    body = body_of(await chat(house, {"prompt": "Where is the Eiffel Tower?", "verify": True}))
    verification = body["verification"]
    assert (verification["verdict"], verification["is_hallucination"]) == ("refuted", True)
    assert [(c["text"], c["verdict"]) for c in verification["claims"]] == [(TOWER, "refuted")]
    assert "It is in Paris." in verification["explanation"]
    assert body["verification_error"] == ""


async def test_a_verification_that_fails_is_an_error_that_keeps_the_answer_and_says_it_is_not_verified(
    settings: Settings,
) -> None:
    house = house_of(settings, ScriptedEngine([says(TOWER)]), ScriptedJudge({}, available=False))
    result = await chat(house, {"prompt": "Where is the Eiffel Tower?", "verify": True})
    assert result.is_error
    body = result.structured_content
    assert (body["content"], body["verification"]) == (TOWER, None)
    assert body["verification_error"].startswith("judge_unavailable: ")
    assert "do not treat the response as verified" in words_of(result)


async def test_an_answer_without_text_is_not_taken_for_a_verified_one(settings: Settings) -> None:
    house = house_of(settings, ScriptedEngine([says("", finish="length")]))
    result = await chat(house, {"prompt": "Where is it?", "verify": True})
    assert "answered without text" in words_of(result)
    assert result.structured_content["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "neither prompt nor messages is given"),
        ({"prompt": "a", "messages": [{"role": "user", "content": "a"}]}, "both prompt and messages are given"),
        ({"prompt": " "}, "prompt is blank"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages.0.content is empty"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "messages.0.role"),
        ({"messages": [{"role": "assistant", "content": "a"}]}, "end with a user message"),
        ({"prompt": "a", "verify": "yes"}, "verify"),
        ({"promt": "a"}, "did you mean 'prompt'"),
    ],
)
async def test_what_the_caller_can_mend_is_said_in_words(
    settings: Settings, arguments: dict[str, Any], said: str
) -> None:
    engine = ScriptedEngine([])
    assert said in words_of(await chat(house_of(settings, engine), arguments))
    assert engine.heard == []


async def test_a_conversation_over_the_limit_says_which_setting_moves_it(settings: Settings) -> None:
    house = house_of(Settings(**(settings.model_dump() | {"prompt_chars_max": 100})), ScriptedEngine([]))
    messages = [{"role": role, "content": "x" * 60} for role in ("user", "assistant", "user")]
    for arguments in ({"prompt": "x" * 101}, {"messages": messages}):
        text = words_of(await chat(house, arguments))
        assert text.startswith("too_large: ")
        assert "TOUCHSTONE_PROMPT_CHARS_MAX" in text


async def test_without_an_engine_the_error_says_how_to_get_one(settings: Settings) -> None:
    for arguments in ({"prompt": "Hello?"}, {"prompt": "Hello?", "model": "some-model"}):
        text = words_of(await chat(house_of(settings, None), arguments))
        assert "touchstone serve --model" in text
        assert "--engine-url" in text


async def test_of_several_models_one_has_to_be_named(settings: Settings) -> None:
    engine = ScriptedEngine([says("Yes.")], served=[model_object("small"), model_object("large")])
    text = words_of(await chat(house_of(settings, engine), {"prompt": "Is it?"}))
    assert "small, large" in text
    assert body_of(await chat(house_of(settings, engine), {"prompt": "Is it?", "model": "large"}))["model"] == "large"
    assert engine.heard[0].body["model"] == "large"


async def test_the_model_that_judges_is_asked_where_none_is_named(settings: Settings) -> None:
    engine = ScriptedEngine([says("Yes.")], served=[model_object("small"), model_object("large")])
    judge = ScriptedJudge({})
    judge.provenance = Provenance("language model", "large")
    assert body_of(await chat(house_of(settings, engine, judge), {"prompt": "Is it?"}))["model"] == "large"


async def test_a_model_that_nobody_serves_is_an_error_that_names_those_that_are(settings: Settings) -> None:
    text = words_of(await chat(house_of(settings, ScriptedEngine([])), {"prompt": "Is it?", "model": "other"}))
    assert text.startswith("model_not_found: ")
    assert "scripted" in text


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (UNREACHABLE, "engine_unavailable", "Worth trying again in 5 s."),
        (refuses(503, "loading"), "engine_unavailable", "Worth trying again in 5 s."),
        (says("The tower is tall.").broken_after(2), "engine_unavailable", "Worth trying again in 5 s."),
        (refuses(400, "maximum context length is 10 tokens"), "context_length_exceeded", "10 tokens"),
        (ScriptedReply(body=b"<html>", headers={"content-type": "text/html"}), "engine_unreadable", "no chat"),
        (
            ScriptedReply(stream=(b'data: {"choices": [{"delta": {"content": "T"}}]}\n\n',)),
            "engine_unavailable",
            "broke",
        ),
        (ScriptedReply(stream=(b"data: {what\n\n",)), "engine_unreadable", "no chat completion"),
        (
            ScriptedReply(stream=(b'data: {"error": {"message": "out of memory"}}\n\n',)),
            "engine_error",
            "out of memory",
        ),
        (
            ScriptedReply(stream=(b'data: {"error": {"message": "maximum context length", "code": 400}}\n\n',)),
            "context_length_exceeded",
            "maximum context length",
        ),
    ],
)
async def test_an_engine_that_fails_is_an_error_and_never_a_short_answer(
    settings: Settings, reply: ScriptedReply, code: str, said: str
) -> None:
    result = await chat(house_of(settings, ScriptedEngine([reply])), {"prompt": "How tall is it?", "verify": True})
    assert words_of(result).startswith(f"{code}: ")
    assert said in words_of(result)
    assert result.structured_content is None


async def test_an_engine_that_is_down_is_said_to_be_down(settings: Settings) -> None:
    text = words_of(await chat(house_of(settings, ScriptedEngine([], down=True)), {"prompt": "How tall is it?"}))
    assert "scripted engine is down" in text
    assert "Worth trying again in 5 s." in text


@pytest.mark.parametrize("size", [1, 3, 17, 1000])
async def test_a_stream_is_read_wherever_it_is_cut(settings: Settings, size: int) -> None:
    stream = b": warming up\n\n" + b"".join(says("Grüße, 世界!").stream).replace(b"\n\n", b"\r\n\r\n")
    chunks = tuple(stream[at : at + size] for at in range(0, len(stream), size))
    engine = ScriptedEngine([ScriptedReply(stream=chunks)])
    assert body_of(await chat(house_of(settings, engine), {"prompt": "Hello?"}))["content"] == "Grüße, 世界!"


async def test_an_engine_that_does_not_stream_is_read_too(settings: Settings) -> None:
    engine = ScriptedEngine([replace(says("Yes, it is."), stream=())])
    assert body_of(await chat(house_of(settings, engine), {"prompt": "Is it?"}))["content"] == "Yes, it is."


async def test_a_long_answer_is_shortened_and_says_by_how_much(settings: Settings) -> None:
    long = "世界" * CONTENT_BYTES_MAX
    reply = streams({"choices": [{"delta": {"content": long}, "finish_reason": "stop"}]})
    house = house_of(settings, ScriptedEngine([reply]))
    body = body_of(await chat(house, {"prompt": "Tell me."}))
    assert long.startswith(body["content"])
    assert CONTENT_BYTES_MAX - 3 < len(body["content"].encode()) <= CONTENT_BYTES_MAX
    assert body["content_chars_omitted"] == len(long) - len(body["content"]) > 0


async def test_a_long_answer_is_verified_whole(settings: Settings) -> None:
    facts = [f"Item {i} costs {i + 10} euros." for i in range(VERIFIED_CONTENT_BYTES_MAX // 20)]
    script = {fact: Judgement(Label.SUPPORTED, 0.9, "It says so.") for fact in facts[:-1]}
    script[facts[-1]] = Judgement(Label.REFUTED, 0.1, "It says something else.")
    house = house_of(settings, ScriptedEngine([says(" ".join(facts))]), ScriptedJudge(script))
    body = body_of(await chat(house, {"prompt": "Prices?", "verify": True}))
    assert len(body["content"].encode()) <= VERIFIED_CONTENT_BYTES_MAX < len(" ".join(facts))
    assert body["verification"]["verdict"] == "refuted"
    assert facts[-1] in [claim["text"] for claim in body["verification"]["claims"]]
    assert body["verification"]["claims_omitted"] == len(facts) - len(body["verification"]["claims"]) > 0


async def test_the_client_hears_that_the_model_is_at_work_and_then_of_each_claim(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "BEAT_S", 0.001)
    release = asyncio.Event()
    told: list[tuple[float, float | None, str | None]] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        told.append((done, total, message))
        release.set()

    house = house_of(settings, ScriptedEngine([says(TOWER).after(release)]))
    async with asyncio.timeout(WAIT_S), client_of_house(house) as client:
        arguments = {"prompt": "Where is it?", "verify": True}
        body_of(await client.call_tool("chat", arguments, progress_callback=hear))
    assert told[0][1:] == (None, "waiting for scripted")
    assert (1, 1, f"refuted: {TOWER}") in told
    done = [each for each, _, _ in told]
    assert done == sorted(set(done))


class CountedEngines(Engines):
    """Notes which models are looked up."""

    def __init__(self, engine: Engine) -> None:
        super().__init__([engine])
        self.looked_up: list[str] = []

    async def serving(self, model: str) -> Engine:
        self.looked_up.append(model)
        return await super().serving(model)


async def test_a_model_is_looked_up_once_so_that_the_engine_that_was_found_is_the_one_that_answers(
    settings: Settings,
) -> None:
    engines = CountedEngines(ScriptedEngine([says(TOWER)]))
    house = build_house(settings, judge=ScriptedJudge(ROME), retrievers=(NOTHING,), engines=engines)
    body_of(await chat(house, {"prompt": "Where is it?", "verify": True}))
    assert engines.looked_up == ["scripted"]


async def test_a_client_that_leaves_ends_the_engines_work(settings: Settings) -> None:
    asked = asyncio.Event()
    never = asyncio.Event()

    def script(heard: Heard) -> ScriptedReply:
        asked.set()
        return says(TOWER).after(never)

    engine = ScriptedEngine(script)
    async with asyncio.timeout(WAIT_S), client_of_house(house_of(settings, engine)) as client:
        call = asyncio.create_task(client.call_tool("chat", {"prompt": "Where is it?"}))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        while not engine.aborted:  # noqa: ASYNC110  what is waited for is no event of ours
            await asyncio.sleep(0.001)
    assert engine.aborted == engine.heard
