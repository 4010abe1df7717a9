"""Writes an event stream straight to the connection: no task, no generator and no timer of its own for each chunk."""

import asyncio
from types import TracebackType
from typing import Self

from starlette.requests import ClientDisconnect
from starlette.types import Send

from server.events import SEND_TIMEOUT_S

_STREAM_HEADERS = [
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),  # nginx would otherwise collect events before it passes them on
]


class EventWriter:
    """One stream, written inside its context and by the task that entered it.

    A client that takes nothing for SEND_TIMEOUT_S, at the most for twice as long, counts as gone: ClientDisconnect.
    """

    __slots__ = ("_send", "_sending", "_sent", "_sent_before", "_stalled", "_task", "_timer", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sent = self._sent_before = 0
        self._sending = self._stalled = self.started = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(SEND_TIMEOUT_S, self._look)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._stalled and self._task is not None and isinstance(error, asyncio.CancelledError):
            self._task.uncancel()
            raise ClientDisconnect from None

    async def start(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Sends the head."""
        self.started = True
        await self._send({"type": "http.response.start", "status": 200, "headers": headers + _STREAM_HEADERS})

    async def write(self, chunk: bytes) -> None:
        """Sends `chunk`."""
        self._sending = True
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        self._sending = False
        self._sent += 1

    async def end(self) -> None:
        """Ends the stream in order."""
        self._sending = True
        await self._send({"type": "http.response.body", "body": b""})
        self._sending = False

    def _look(self) -> None:
        """Whether the same chunk is being sent as at the last look."""
        if self._sending and self._sent == self._sent_before and self._task is not None:
            self._stalled = True
            self._task.cancel()
            return
        self._sent_before = self._sent
        self._timer = asyncio.get_running_loop().call_later(SEND_TIMEOUT_S, self._look)
