"""A program on the leash: it ends in order, it ends when it must, and it never outlives who holds the leash."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from harness import REPOSITORY

from inference.engine.child.log_lines import LogLine
from inference.engine.child.process import ChildProcess
from tests.inference.engine.child.living import is_alive, wait_until_gone
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

LIMIT_S = 60.0
SLEEPS = "import threading; threading.Event().wait()"
TELLS = f"import os, subprocess, sys; core = subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]); print(core.pid)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEPS}"


class Heard:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.came = asyncio.Event()

    def __call__(self, line: LogLine) -> None:
        self.lines.append(line.text)
        self.came.set()

    async def first(self) -> str:
        await asyncio.wait_for(self.came.wait(), LIMIT_S)
        return self.lines[0]


async def python(code: str, heard: Heard, stop_s: float = LIMIT_S) -> ChildProcess:
    return await ChildProcess.start([sys.executable, "-u", "-c", code], os.environ, heard, stop_s=stop_s)


@pytest.mark.parametrize(("code", "ended"), [("raise SystemExit(3)", 3), ("import os; os.abort()", 128 + 6)])
async def test_the_exit_code_is_the_programs(code: str, ended: int) -> None:
    process = await python(code, Heard())
    assert await process.wait() == ended
    assert await process.ended_within(LIMIT_S)


async def test_all_that_it_writes_is_heard_and_the_last_lines_are_kept() -> None:
    heard = Heard()
    process = await python("import sys; print('out'); print('err', file=sys.stderr); print('last', end='')", heard)
    await process.wait()
    assert heard.lines == list(process.lines) == ["out", "err", "last"]


async def test_a_program_that_is_not_there_says_so() -> None:
    heard = Heard()
    process = await ChildProcess.start(["/nowhere/vllm"], {}, heard)
    assert await process.wait() == 127
    assert "/nowhere/vllm cannot be started" in heard.lines[0]


async def test_stopped_it_ends_with_all_that_it_started() -> None:
    heard = Heard()
    process = await python(f"{TELLS}; {SLEEPS}", heard)
    core = int(await heard.first())
    assert await process.stop(stop_s=LIMIT_S) == 128 + signal.SIGTERM
    wait_until_gone(process.group, core)


async def test_what_it_started_ends_with_it() -> None:
    heard = Heard()
    process = await python(TELLS, heard)
    core = int(await heard.first())
    assert await process.wait() == 0
    wait_until_gone(core)


async def test_one_that_does_not_listen_is_killed() -> None:
    heard = Heard()
    process = await python(STUBBORN, heard, stop_s=0.2)
    await heard.first()
    assert await process.stop(stop_s=0.2) == 128 + signal.SIGKILL
    assert not is_alive(process.group)


async def test_told_to_end_the_leash_passes_it_on() -> None:
    heard = Heard()
    process = await python(f"{TELLS}; {SLEEPS}", heard)
    core = int(await heard.first())
    os.kill(process._process.pid, signal.SIGTERM)
    assert await process.wait() == 128 + signal.SIGTERM
    wait_until_gone(process.group, core)


async def test_when_the_leash_itself_is_killed_nothing_is_left() -> None:
    heard = Heard()
    process = await python(f"{TELLS}; {SLEEPS}", heard)
    core = int(await heard.first())
    os.kill(process._process.pid, signal.SIGKILL)
    await process.wait()
    wait_until_gone(process.group, core)


def test_killed_without_a_word_the_holder_leaves_nothing_behind(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = f"""
import asyncio, os, sys
from inference.engine.child.process import ChildProcess
async def main():
    process = await ChildProcess.start([sys.executable, "-u", "-c", {f"{TELLS}; {SLEEPS}"!r}], os.environ,
        lambda line: open({str(told)!r}, "w").write(f"{{process.group}} {{line.text}}."))
    await process.wait()
asyncio.run(main())
"""
    holder = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY)
    wait_until(lambda: told.exists() and told.read_text().endswith("."), "the program runs")
    pids = [int(pid) for pid in told.read_text().rstrip(".").split()]
    assert all(map(is_alive, pids))
    holder.kill()
    holder.wait()
    wait_until_gone(*pids)
