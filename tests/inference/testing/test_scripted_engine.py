"""The scripted engine speaks the wire format of an engine, as told."""

import asyncio

import orjson
import pytest

from inference.engine.engine import Engine, EngineRequest
from inference.errors import EngineUnavailable
from inference.testing.scripted_engine import MODEL, Script, ScriptedEngine
from inference.testing.scripted_reply import UNREACHABLE, ScriptedReply, refuses, says

BODY = {"model": MODEL, "messages": [{"role": "user", "content": "Well?"}]}
STREAMED = EngineRequest("chat/completions", orjson.dumps(BODY | {"stream": True}))
PLAIN = EngineRequest("chat/completions", orjson.dumps(BODY))


def engine_of(script: Script) -> tuple[Engine, ScriptedEngine]:
    scripted = ScriptedEngine(script)
    return scripted, scripted


async def read(engine: Engine, request: EngineRequest = PLAIN) -> tuple[int, bytes]:
    async with engine.open(request) as reply:
        return reply.status, await reply.read()


async def test_it_streams_what_it_says_a_token_at_a_time() -> None:
    engine, _ = engine_of([says("it is yes", finish="length")])
    async with engine.open(STREAMED) as reply:
        events = [chunk async for chunk in reply.chunks()]
    assert reply.headers["content-type"] == "text/event-stream"
    choices = [choice for event in events[:-1] for choice in orjson.loads(event[6:])["choices"]]
    assert "".join(choice["delta"].get("content", "") for choice in choices) == "it is yes"
    assert choices[-1]["finish_reason"] == "length"
    assert events[-1] == b"data: [DONE]\n\n"


async def test_it_answers_in_the_order_of_the_script_and_then_no_more() -> None:
    engine, scripted = engine_of([refuses(400, "no", retry_after="3"), ScriptedReply(200, b"junk")])
    assert [(await read(engine))[0], (await read(engine))[1]] == [400, b"junk"]
    with pytest.raises(AssertionError, match="one more"):
        await read(engine)
    assert [heard.messages[0]["content"] for heard in scripted.heard] == ["Well?"] * 3


async def test_it_may_be_down_from_the_start_in_between_or_within_an_answer() -> None:
    engine, scripted = engine_of([UNREACHABLE, says("a b c").broken_after(2)])
    with pytest.raises(EngineUnavailable):
        await read(engine)
    with pytest.raises(EngineUnavailable):
        await read(engine, STREAMED)
    scripted.down = True
    with pytest.raises(EngineUnavailable):
        await engine.models()


async def test_a_held_answer_comes_when_it_is_released() -> None:
    release = asyncio.Event()
    engine, scripted = engine_of([says("late").after(release)])
    waiting = asyncio.create_task(read(engine))
    await scripted.until_asked(1)
    assert not waiting.done()
    release.set()
    assert b"late" in (await waiting)[1]
    assert scripted.aborted == []


async def test_leaving_an_answer_early_is_noticed() -> None:
    engine, scripted = engine_of([says("a b c")])
    async with engine.open(STREAMED) as reply:
        await anext(aiter(reply.chunks()))
    assert len(scripted.aborted) == 1
    await engine.aclose()
    assert scripted.closed
