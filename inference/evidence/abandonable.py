"""Blocking work that may be given up: a search that hangs, a name that does not resolve, a page that takes for ever.

The pool behind `asyncio.to_thread` is waited for when the process ends, so one hung call would hold up the shutdown.
Work here runs on daemon threads, which nothing waits for. A thread that was given up still counts as running until it
really ends, so that hung calls cannot pile up.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class AbandonableThreads:
    """Runs blocking calls, at most `at_once` of them at a time; more of them wait for their turn."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. If the caller is cancelled, `work` runs on and its outcome is dropped."""
        await self._free.acquire()
        running = asyncio.ensure_future(asyncio.wrap_future(_start(work)))
        running.add_done_callback(self._finished)
        return await asyncio.shield(running)

    def _finished(self, running: "asyncio.Future[T]") -> None:
        self._free.release()
        if not running.cancelled():
            running.exception()  # Looked at, so that the failure of work that was given up is not logged as lost.


def _start(work: Callable[[], T]) -> "Future[T]":
    outcome: Future[T] = Future()
    outcome.set_running_or_notify_cancel()  # From here on it cannot be cancelled, so setting its result cannot fail.
    threading.Thread(target=_carry_out, args=(work, outcome), name="abandonable", daemon=True).start()
    return outcome


def _carry_out(work: Callable[[], T], outcome: "Future[T]") -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001  it is not handled here but carried to the caller's side
        outcome.set_exception(error)
