"""Blocking work that may be given up."""

import asyncio
import subprocess
import sys
import threading

import pytest

from inference.evidence.abandonable import AbandonableThreads

LIMIT_S = 60


async def test_what_the_work_returns_and_raises_reaches_the_caller() -> None:
    threads = AbandonableThreads(1)
    assert await threads.run(lambda: 6 * 7) == 42
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)


async def test_work_that_was_given_up_keeps_its_place_until_it_ends() -> None:
    threads = AbandonableThreads(1)
    started, may_end = threading.Event(), threading.Event()

    def hang() -> None:
        started.set()
        may_end.wait(LIMIT_S)

    given_up = asyncio.create_task(threads.run(hang))
    await asyncio.to_thread(started.wait, LIMIT_S)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    following = asyncio.create_task(threads.run(lambda: "done"))
    done, _ = await asyncio.wait([following], timeout=0.05)
    assert not done
    may_end.set()
    assert await asyncio.wait_for(following, LIMIT_S) == "done"


@pytest.mark.process
def test_a_process_with_hung_work_can_end() -> None:
    program = """
import asyncio, threading
from inference.evidence.abandonable import AbandonableThreads
async def main():
    threads = AbandonableThreads(1)
    try:
        async with asyncio.timeout(0.05):
            await threads.run(threading.Event().wait)
    except TimeoutError:
        print("gave up")
asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "gave up\n", "")
