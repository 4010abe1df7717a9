"""A model that we start: ready when it answers, said to be away while it is, back after every end."""

import asyncio
import errno
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inference.engine.adapters import load_adapter, unload_adapter
from inference.engine.child.child_engine import ChildEngine
from inference.engine.child.command import Plan
from inference.engine.child.spec import ModelSpec
from inference.engine.child.supervisor import Supervisor
from inference.engine.child.watch import Patience
from inference.engine.engine import Engine, EngineRequest
from inference.engine.engines import Engines
from inference.engine.http_engine import HttpEngine
from inference.engine.places import Places
from inference.errors import EngineError, EngineUnavailable
from tests.inference.engine.child.living import PROGRAM, wait_until_gone

pytestmark = pytest.mark.process

LIMIT_S = 60.0
QUICK = Patience(
    start_timeout_s=LIMIT_S,
    start_poll_s=0.02,
    probe_timeout_s=LIMIT_S,
    health_every_s=0.05,
    health_silent_s=LIMIT_S,
)
"""Looks often, and is patient with a busy machine."""

Make = Callable[..., ChildEngine]


def connect(url: str, key: str) -> Engine:
    return HttpEngine(url, key, timeout_s=60, places=Places(8))


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[ChildEngine] = []

    def child(behave: str = "", patience: Patience = QUICK, name: str = "tiny", **options: Any) -> ChildEngine:
        arguments = ("--behave", behave) if behave else ()
        plan = Plan(ModelSpec(name, "some/model"), PROGRAM, arguments)
        made.append(ChildEngine(Supervisor(name, lambda: plan, os.environ, connect, patience=patience, **options)))
        return made[-1]

    yield child
    for engine in made:
        await engine.aclose()


async def until_up(engine: Engine) -> list[dict[str, Any]]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                return await engine.models()
            except EngineUnavailable:
                await asyncio.sleep(0.02)


async def until_said(engine: Engine, words: str) -> str:
    said = ""
    async with asyncio.timeout(LIMIT_S):
        while words not in said:
            try:
                await engine.models()
            except EngineUnavailable as error:
                said = error.message
            await asyncio.sleep(0.02)
    return said


async def test_it_serves_its_model_under_its_name_with_a_key_that_nobody_else_has(make: Make) -> None:
    engine = make()
    engine.start()
    model = (await until_up(engine))[0]
    assert (engine.name, model["id"]) == ("tiny", "tiny")
    keyless = connect(
        f"http://127.0.0.1:{model['told']['arguments'][model['told']['arguments'].index('--port') + 1]}", ""
    )
    with pytest.raises(EngineUnavailable, match="refuses this server's key"):
        await keyless.models()
    await keyless.aclose()


async def test_until_it_answers_every_call_says_at_once_that_it_is_starting(make: Make) -> None:
    engine = make("hang")
    engine.start()
    with pytest.raises(EngineUnavailable, match=r"the engine for tiny is starting \(\d+ s so far\)"):
        engine.open(EngineRequest("chat/completions", b"{}"))
    with pytest.raises(EngineUnavailable, match=r"no engine that answers serves 'tiny'.* is starting"):
        await Engines([engine]).serving("tiny")


async def test_one_that_nobody_started_says_how_to(make: Make) -> None:
    with pytest.raises(EngineUnavailable, match="is not started: only `touchstone serve` starts models"):
        await make().models()


async def test_one_that_cannot_start_says_why_and_is_tried_again(make: Make, tmp_path: Path) -> None:
    engine = make(f"fail-once:{tmp_path / 'failed'}")
    engine.start()
    said = await until_said(engine, "restarting")
    assert said.startswith("the engine for tiny is restarting after it ended with exit code 1: ValueError: the weights")
    assert (await until_up(engine))[0]["id"] == "tiny"


async def test_when_the_system_has_no_more_files_it_is_tried_again() -> None:
    ever = iter([OSError(errno.EMFILE, "Too many open files")])

    def connect_later(url: str, key: str) -> Engine:
        for error in ever:
            raise error
        return connect(url, key)

    plan = Plan(ModelSpec("tiny", "some/model"), PROGRAM)
    engine = ChildEngine(Supervisor("tiny", lambda: plan, os.environ, connect_later, patience=QUICK))
    engine.start()
    assert "Too many open files" in await until_said(engine, "restarting")
    assert (await until_up(engine))[0]["id"] == "tiny"
    await engine.aclose()


async def test_one_that_takes_too_long_to_start_is_given_up_for_this_time(make: Make) -> None:
    engine = make("hang", patience=Patience(start_timeout_s=0.5, start_poll_s=0.02))
    engine.start()
    assert "did not start within 0.5 s (engine_start_timeout_s)" in await until_said(engine, "restarting")


async def test_killed_it_comes_back_with_other_processes(make: Make) -> None:
    engine = make()
    engine.start()
    told = (await until_up(engine))[0]["told"]
    os.kill(told["main"], signal.SIGKILL)
    assert "was killed by SIGKILL" in await until_said(engine, "restarting")
    assert (await until_up(engine))[0]["told"]["main"] != told["main"]
    wait_until_gone(told["main"], told["core"])


async def test_one_that_runs_and_does_not_answer_is_started_again(make: Make, tmp_path: Path) -> None:
    mute = tmp_path / "mute"
    engine = make(f"mute:{mute}", patience=replace(QUICK, health_silent_s=0.3))
    engine.start()
    told = (await until_up(engine))[0]["told"]
    mute.touch()
    assert "it did not answer for 0.3 s" in await until_said(engine, "restarting")
    mute.unlink()
    await until_up(engine)
    wait_until_gone(told["main"], told["core"])


async def test_closed_it_is_gone_with_all_that_it_started(make: Make) -> None:
    engine = make()
    engine.start()
    told = (await until_up(engine))[0]["told"]
    await engine.aclose()
    wait_until_gone(told["main"], told["core"])
    with pytest.raises(EngineUnavailable, match="is stopped"):
        await engine.models()


async def test_closed_while_it_starts_it_is_gone_too(make: Make) -> None:
    engine = make("hang")
    engine.start()
    await until_said(engine, "starting")
    await engine.aclose()
    await until_said(engine, "is stopped")


async def test_two_start_one_after_the_other(make: Make) -> None:
    turn = asyncio.Lock()
    slow, other = make("hang", turn=turn), make(name="other", turn=turn)
    slow.start()
    await until_said(slow, "starting")
    other.start()
    await until_said(other, "waits for another model to start")
    await slow.aclose()
    assert (await until_up(other))[0]["id"] == "other"


async def test_what_is_to_be_done_once_it_is_up_is_done_after_each_start(make: Make, tmp_path: Path) -> None:
    async def when_up(engine: Engine) -> None:
        await load_adapter(engine, "law", str(tmp_path))

    engine = make(when_up=when_up)
    engine.start()
    first = await until_up(engine)
    os.kill(first[0]["told"]["main"], signal.SIGKILL)
    await until_said(engine, "restarting")
    assert [model["id"] for model in first] == [model["id"] for model in await until_up(engine)] == ["tiny", "law"]


async def test_an_adapter_is_loaded_and_unloaded_while_it_runs(make: Make, tmp_path: Path) -> None:
    engine = make()
    engine.start()
    await until_up(engine)
    await load_adapter(engine, "law", str(tmp_path))
    assert [model["id"] for model in await engine.models()] == ["tiny", "law"]
    await unload_adapter(engine, "law")
    assert [model["id"] for model in await engine.models()] == ["tiny"]


async def test_an_adapter_that_is_none_is_refused_with_the_engines_reason(make: Make) -> None:
    engine = make()
    engine.start()
    await until_up(engine)
    with pytest.raises(EngineError, match="cannot load the adapter 'law': Loading lora law failed"):
        await load_adapter(engine, "law", "/nowhere")
