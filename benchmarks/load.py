"""A small load generator over raw sockets: so cheap that the server is what is measured. Loopback and HTTP/1.1 only.

A fixed number of connections, each of which sends, waits for the whole answer, and sends again, until a number of
calls or a time is reached. Any answer but 200 ends the run with an error: a fast refusal must not count as a call.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

ANSWER_TIMEOUT_S = 60.0  # for what is still under way when the time of a run is up
_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


@dataclass(frozen=True, slots=True)
class Call:
    """A request, ready to be written."""

    port: int
    request: bytes


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a run ends: at the first of the two."""

    calls_max: int
    seconds_max: float


@dataclass(slots=True)
class Load:
    """What a run measured."""

    latencies_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    last_answer: bytes = b""

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.latencies_s) / self.seconds


class _Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._transport: asyncio.Transport
        self._answer = bytearray()
        self._sent = 0.0
        self._waits = False  # for an answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # what a TCP connection always gives
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if is_whole(self._answer):
            self._run.note(time.perf_counter() - self._sent, bytes(self._answer))
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._run.leave(error or (ConnectionError("the server closed the connection") if self._waits else None))

    def _send(self) -> None:
        self._answer.clear()
        self._waits = self._run.goes_on()
        if not self._waits:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(self._run.call.request)


class _Run:
    """What the callers of one run share."""

    def __init__(self, call: Call, callers: int, bounds: Bounds) -> None:
        self.call = call
        self.load = Load()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._callers_left = callers
        self._calls_left = bounds.calls_max
        self._started = time.perf_counter()
        self._end = self._started + bounds.seconds_max

    def goes_on(self) -> bool:
        """Whether one more call may be sent; counts it if so."""
        self._calls_left -= 1
        return self._calls_left >= 0 and time.perf_counter() < self._end

    def note(self, latency_s: float, answer: bytes) -> None:
        if not answer.startswith(b"HTTP/1.1 200 "):
            self.fail(ConnectionError(f"the server refused a call: {answer[:500]!r}"))
        self.load.latencies_s.append(latency_s)
        self.load.seconds = time.perf_counter() - self._started
        self.load.last_answer = answer

    def leave(self, error: Exception | None) -> None:
        self._callers_left -= 1
        if error:
            self.fail(error)
        elif not self._callers_left and not self.done.done():
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


async def load(call: Call, callers: int, bounds: Bounds) -> Load:
    """Sends `call` over `callers` connections within `bounds`. Raises OSError if a call fails."""
    loop = asyncio.get_running_loop()
    run = _Run(call, callers, bounds)
    opened = [await loop.create_connection(lambda: _Caller(run), "127.0.0.1", call.port) for _ in range(callers)]
    try:
        async with asyncio.timeout(bounds.seconds_max + ANSWER_TIMEOUT_S):
            await run.done
    finally:
        for transport, _ in opened:
            transport.abort()
    return run.load


async def answer_of(call: Call) -> bytes:
    """The body of the answer to one call, without its transfer coding."""
    done = await load(call, 1, Bounds(calls_max=1, seconds_max=ANSWER_TIMEOUT_S))
    head, _, body = done.last_answer.partition(_HEAD_END)
    return body if _LENGTH in head.lower() else _unchunked(body)


def is_whole(answer: bytes | bytearray) -> bool:
    """Whether `answer` is a whole HTTP/1.1 response: by its length, or by its last chunk."""
    head_end = answer.find(_HEAD_END)
    if head_end < 0:
        return False
    head = bytes(answer[:head_end]).lower()
    at = head.find(_LENGTH)
    if at < 0:
        return answer.endswith(_LAST_CHUNK)
    length = int(head[at + len(_LENGTH) :].partition(b"\r\n")[0])
    return len(answer) >= head_end + len(_HEAD_END) + length


def _unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        parts.append(rest[: int(size, 16)])
        body = rest[int(size, 16) + 2 :]
    return b"".join(parts)
