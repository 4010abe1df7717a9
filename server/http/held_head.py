"""The transport of a client's connection, with the head of an answer held until its body comes, an instant later.

uvicorn writes head and body one after the other, and each write is a call into the system. A body that does not come
in the same turn of the event loop does not hold the head up: it goes out at the end of the turn. The head gets the
headers that every answer has, and it is counted what the client has taken.
"""

import asyncio
from typing import Any

from server.http.security_headers import with_security_headers

_HEAD = b"HTTP/1.1 "


class HeldHead(asyncio.Transport):
    """Passes everything on to `transport`."""

    __slots__ = ("_head", "_loop", "_transport", "_written")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self._written = 0

    @property
    def waiting(self) -> int:
        """Bytes that the system has not taken from us: the client does not read them."""
        return self._transport.get_write_buffer_size()

    @property
    def taken(self) -> int:
        """Bytes that went out since the connection was made."""
        return self._written - self._transport.get_write_buffer_size()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._head:
            data = self._head + data
            self._head = b""
        elif data[:9] == _HEAD:
            self._head = with_security_headers(bytes(data))
            self._loop.call_soon(self._flush)
            return
        if data:
            self._written += len(data)
            self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def is_reading(self) -> bool:
        return self._transport.is_reading()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._written += len(head)
            self._transport.write(head)
