"""Has an object work beside the loop: in a thread where its work is short, in a process of its own where it is long.

What is called is given as the method itself: `await work.call(LineScan.feed, chunk)`.

Long work in a thread takes turns with the loop at holding the interpreter, and however short its turns are, the loop
has half of the time left. Beside the scan of a million lines in a thread a live request waited 3 to 6 times as long
(p99) and a tenth to a quarter of the requests were answered; beside a process 0.9 to 1.6 times, and two thirds or more
(`python -m benchmarks.batch_scan`, 2026-11-26, two busy cores).
"""

import asyncio
import contextlib
import gc
import pickle
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast

from inference.errors import TouchstoneError

LENGTH_BYTES = 8

_ROOT = Path(__file__).resolve().parents[3]
_START = (
    f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
    "from inference.batches.input import beside_loop; beside_loop.serve()"
)

WorkT = TypeVar("WorkT")
WorkT_co = TypeVar("WorkT_co", covariant=True)
ResultT = TypeVar("ResultT")
P = ParamSpec("P")


class ProcessDied(TouchstoneError):
    """The process ended before it had answered. Never leaves the worker."""


class Work(Protocol[WorkT_co]):
    """An object that works beside the loop."""

    async def call(
        self, method: Callable[Concatenate[WorkT_co, P], ResultT], *args: P.args, **kwargs: P.kwargs
    ) -> ResultT:
        """What the method of the object returns. One call at a time. Raises ProcessDied."""
        ...


class InThread(Generic[WorkT]):
    """An object whose methods are called in a thread."""

    def __init__(self, work: WorkT) -> None:
        self._work = work

    async def call(
        self, method: Callable[Concatenate[WorkT, P], ResultT], *args: P.args, **kwargs: P.kwargs
    ) -> ResultT:
        return await asyncio.to_thread(method, self._work, *args, **kwargs)


class InProcess(Generic[WorkT]):
    """A copy of an object, whose methods are called in a process; what goes to and fro has to be picklable.

    The process ends when its input does, so also with ours, however that ends. The pipes are used in a thread: through
    the loop a megabyte would take it five milliseconds, in pieces of 64 KiB.
    """

    def __init__(self, work: WorkT) -> None:
        """Starts the process. Raises ProcessDied if there is none to be had. Blocks for a moment."""
        self._in_use = threading.Lock()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own code
                (sys.executable, "-c", _START),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # signals of the terminal are for us
            )
        except OSError as error:
            raise ProcessDied(f"no process can be started: {error}") from error
        self._orders = cast(IO[bytes], self._process.stdin)  # asked for above
        self._answers = cast(IO[bytes], self._process.stdout)
        self._unsent = _framed(work)

    async def call(
        self, method: Callable[Concatenate[WorkT, P], ResultT], *args: P.args, **kwargs: P.kwargs
    ) -> ResultT:
        return cast(ResultT, await asyncio.to_thread(self._exchange, (method, args, kwargs)))

    def _exchange(self, order: object) -> object:
        with self._in_use:
            try:
                self._orders.write(self._unsent + _framed(order))
                self._orders.flush()
                self._unsent = b""
                return _read(self._answers)
            except (OSError, EOFError) as error:
                raise ProcessDied(f"the process ended with code {self._process.wait()}") from error

    def end(self) -> None:
        """Ends the process, whatever it does. Blocks for a moment."""
        self._process.kill()
        with self._in_use:  # whoever waits for an answer is told that there is none
            with contextlib.suppress(OSError):  # what was not sent yet
                self._orders.close()
            self._answers.close()
            self._process.wait()


@contextlib.asynccontextmanager
async def in_process(work: WorkT) -> AsyncIterator[Work[WorkT]]:
    """Has a copy of `work` in a process of its own, until the end of the context. Raises ProcessDied."""
    there = InProcess(work)
    try:
        yield there
    finally:
        await asyncio.shield(asyncio.to_thread(there.end))


def serve() -> None:
    """What the process does: it takes an object, and calls its methods as it is told, until its input ends."""
    gc.disable()  # what is parsed refers to nothing in circles; looking for such takes a quarter of the time
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.suppress(EOFError):
        work = _read(orders)
        while True:
            method, args, kwargs = _read(orders)
            answers.write(_framed(method(work, *args, **kwargs)))
            answers.flush()


def _framed(message: object) -> bytes:
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(content).to_bytes(LENGTH_BYTES, "little") + content


def _read(pipe: IO[bytes]) -> Any:
    """The next message. Raises EOFError at the end, also in the middle of one."""
    size = int.from_bytes(pipe.read(LENGTH_BYTES), "little")
    content = pipe.read(size)
    if not size or len(content) < size:
        raise EOFError
    return pickle.loads(content)  # noqa: S301  # from our own process
