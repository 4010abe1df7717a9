"""An answer of bytes that are read while its client takes them, and no longer than that.

What reads them is closed when the answer ends, however it ends: at its end, because the client has left, or because the
server stops. It may have a file open, which is not to wait for somebody to collect it.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.http.disconnect import unless_client_leaves


class Download(Response):
    """`first`, which was read to find out whether it can be, and `rest`, which is the answer's to close."""

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes], status: int, headers: Mapping[str, str]) -> None:
        self.status_code = status
        self.background = None
        self.init_headers(headers)
        self._first = first
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._rest):
            try:
                await unless_client_leaves(Request(scope, receive), self._stream(send))
            except ClientDisconnect:
                return  # nobody is there to be told anything

    async def _stream(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self._first, "more_body": True})
        async for chunk in self._rest:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
