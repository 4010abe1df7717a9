"""HTTP/1.1 as uvicorn speaks it, with what it leaves out: a bound on every wait, and errors in our own shape.

A request's header has to arrive in time, as its body has to (`server/body.py`), and so has the rest of a body that was
answered early. Bytes that are no HTTP, and a connection over the limit, are answered with OpenAI's error object like
every other error. This module knows nothing of routes.
"""

import asyncio
import socket

import h11
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from inference.errors import BadInput, Overloaded
from server.disconnect import EXTENSION, Departure
from server.errors import BodyTimeout, response_of
from server.held_head import HeldHead
from server.settings import Settings

_CLOSE = {"connection": "close"}


def bounded_http(settings: Settings) -> type[asyncio.Protocol]:
    """The protocol class for `uvicorn.Config(http=...)`: uvicorn makes one object of it a connection."""

    class Bounded(_BoundedHttp):
        timeout_s = settings.body_timeout_s
        connections_max = settings.connections_max

    return Bounded


class _BoundedHttp(H11Protocol):
    timeout_s: float
    connections_max: int
    _header_timer: asyncio.TimerHandle | None = None
    _departure: Departure

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base
        super().connection_made(transport)
        # Head and body of an answer are two writes. Without this the second waits for the client to acknowledge the
        # first, which it puts off by 40 ms. asyncio sees to it only for sockets that it has opened itself.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.transport = HeldHead(transport, self.loop)
        self._departure = Departure()
        self.app = self._refuse_connection if len(self.connections) > self.connections_max else self._serve
        self._watch_header()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_header()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_watching()
        self._departure.happen()

    def send_400_response(self, msg: str) -> None:
        self._refuse(BadInput("this is not a valid HTTP/1.1 request, or its header is over 64 KiB"))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {EXTENSION: self._departure}
        await self.config.loaded_app(scope, receive, send)

    async def _refuse_connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = Overloaded("the server has as many connections as it serves at once (TOUCHSTONE_CONNECTIONS_MAX)")
        await response_of(error, _CLOSE)(scope, receive, send)

    def _watch_header(self) -> None:
        """Runs one timer from the first byte, and from the connection on, until the header is complete."""
        if self.transport.is_closing() or not (self.cycle is None or self.cycle.response_complete):
            self._stop_watching()
        elif self._header_timer is None:
            self._header_timer = self.loop.call_later(self.timeout_s, self._header_is_late)

    def _stop_watching(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _header_is_late(self) -> None:
        self._header_timer = None
        unread, _ = self.conn.trailing_data
        if unread:
            self._refuse(
                BodyTimeout(f"the request did not arrive within {self.timeout_s:g} s (TOUCHSTONE_BODY_TIMEOUT_S)")
            )
        else:
            self.transport.close()

    def _refuse(self, error: BadInput) -> None:
        """Answers, unless the connection is in the middle of an answer, and closes it."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_as_bytes(response_of(error, _CLOSE)))
        self.transport.close()


def _as_bytes(response: Response) -> bytes:
    """A whole answer on the wire. Written by hand, since h11 takes no answer to what it could not read."""
    reason = {400: "Bad Request", 408: "Request Timeout"}[response.status_code]
    lines = [f"HTTP/1.1 {response.status_code} {reason}".encode()]
    lines += [name + b": " + value for name, value in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])
