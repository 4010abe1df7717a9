"""Writes an event stream straight to the connection: no task, no generator and no timer of its own for each chunk."""

from starlette.types import Send

_STREAM_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would otherwise collect events before it passes them on
]


class EventWriter:
    """One stream. A client that takes nothing of it is cut off by the connection (`connections.py`)."""

    __slots__ = ("_send",)

    def __init__(self, send: Send) -> None:
        self._send = send

    async def start(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Sends the head."""
        await self._send({"type": "http.response.start", "status": 200, "headers": headers + _STREAM_HEADERS})

    async def write(self, chunk: bytes) -> None:
        """Sends `chunk`."""
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def end(self) -> None:
        """Ends the stream in order."""
        await self._send({"type": "http.response.body", "body": b""})
