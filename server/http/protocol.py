"""HTTP/1.1 as uvicorn speaks it over httptools, with what both leave out: bounds, and errors in our own shape.

A request's header has to arrive in time, as its body has to (`body.py`), and so has the rest of a body that was
answered early; an answer has to be taken (`connections.py`). A header has a size, and exactly one Host (RFC
9112, 3.2). Bytes that are no HTTP, and a connection over the limit, are answered with OpenAI's error object like every
other error. This module knows nothing of routes.
"""

import asyncio
import logging
import socket

import httptools
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from inference.errors import BadInput, Overloaded, TouchstoneError
from server.errors import BodyTimeout, response_of
from server.http.connections import Connections, address_of_client
from server.http.disconnect import EXTENSION, Departure
from server.http.held_head import HeldHead
from server.observe.few_lines import FewLines
from server.observe.logs import log_action
from server.settings import Settings

HEADER_BYTES_MAX = 64 * 1024
"""In the request line and header of a request, with what may follow a chunked body. The parser itself has no limit."""

PIPELINED_MAX = 16
"""Requests that wait on one connection for the answer to an earlier one. They are read ahead, so they cost memory."""

_CLOSE = {"connection": "close"}
_FRAMING = (b"content-length", b"transfer-encoding")
_WITHOUT_HOST = ("1.0", "0.9")


def bounded_http(settings: Settings) -> type[asyncio.Protocol]:
    """The protocol class for `uvicorn.Config(http=...)`: uvicorn makes one object of it a connection."""

    class Bounded(_BoundedHttp):
        timeout_s = settings.body_timeout_s
        junk = FewLines(_log_junk)
        all = Connections(
            settings.connections_max,
            settings.connections_per_address_max,
            settings.body_timeout_s,
            settings.send_timeout_s,
        )

    return Bounded


class _NotServed(Exception):
    """A request that can be read and is not served. The parser stops at it as at bytes that are no HTTP."""


class _BoundedHttp(HttpToolsProtocol):
    timeout_s: float
    junk: FewLines
    all: Connections
    transport: HeldHead  # ours stands before that of the base
    _address: str
    _over = ""  # the setting whose bound this connection is over
    _departure: Departure
    _reads_head = False
    _reads_body = False
    _repeats_head = False  # to the parser, which takes an offer to speak another protocol for the end of a request
    _broken = False  # what comes after bytes that are no HTTP is not read
    _head_bytes = 0
    _untold_bytes = 0  # received since the parser last told of something: what it keeps to itself

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base
        super().connection_made(transport)
        # Head and body of an answer are two writes. Without this the second waits for the client to acknowledge the
        # first, which it puts off by 40 ms. asyncio sees to it only for sockets that it has opened itself.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.transport = HeldHead(transport, self.loop)
        self._departure = Departure()
        self._address = address_of_client(self.client[0] if self.client else "")
        self._over = self.all.enter(self, self._address, self.loop.time())
        if self._over:
            self.app = self._refuse_connection
        self._watch_header()

    def data_received(self, data: bytes) -> None:
        if self._broken:
            return
        self._unset_keepalive_if_required()
        self._untold_bytes += len(data)
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self.junk.happened(self.loop)
            self.send_400_response("")
        self._watch_header()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.all.leave(self, self._address)
        self._departure.happen()

    def on_message_begin(self) -> None:
        if self._repeats_head:
            return
        self._reads_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._repeats_head:
            self._count(len(url))
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._untold_bytes = 0  # as in `_count`, without the call: every header comes here
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > HEADER_BYTES_MAX:
            raise _NotServed
        if self._reads_head:  # else it follows a chunked body, too late to mean anything to whoever has let it in
            super().on_header(name, value.strip(b" \t"))  # white space around a value is none of it (RFC 9110, 5.5)

    def on_headers_complete(self) -> None:
        if self._repeats_head:
            self._repeats_head = False
            return
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts > 1 or (not hosts and self.parser.get_http_version() not in _WITHOUT_HOST):
            raise _NotServed
        if len(self.pipeline) >= PIPELINED_MAX:
            raise _NotServed
        self.scope["extensions"] = {EXTENSION: self._departure}  # type: ignore[dict-item]  # an object of ours
        super().on_headers_complete()
        self.all.answer(self, self.loop)
        self._reads_head, self._reads_body = False, True

    def on_body(self, body: bytes) -> None:
        self._untold_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade() and self._framing():
            return  # its body is still to come
        self._reads_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_header()

    def send_400_response(self, msg: str) -> None:
        """Answers to bytes that are no HTTP, when it is their turn to be answered, and closes the connection."""
        self._broken = True
        in_turn = self.cycle is None or self.cycle.response_complete
        if not in_turn and not self._reads_body:
            self.cycle.keep_alive = False  # what came before is answered, and nothing after it
            return
        if self._reads_body:
            in_turn = not self.pipeline and not self.cycle.response_started
        self._refuse(BadInput("this is not a valid HTTP/1.1 request, or its header is over 64 KiB"), in_turn)

    def waiting_bytes(self) -> int:
        return self.transport.waiting

    def taken_bytes(self) -> int:
        return self.transport.taken

    def answering(self) -> object | None:
        return None if self.cycle is None or self.cycle.response_complete else self.cycle

    def header_is_late(self) -> None:
        error = BodyTimeout(f"the request did not arrive within {self.timeout_s:g} s (TOUCHSTONE_BODY_TIMEOUT_S)")
        self._refuse(error, in_turn=self._reads_head)

    def give_way(self) -> None:
        self._refuse(_too_many("connections_max"), in_turn=self._reads_head)

    def cut(self) -> None:
        self.transport.abort()

    async def _refuse_connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        await response_of(_too_many(self._over), _CLOSE)(scope, receive, send)

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:  # to what is not spoken here, so the request stays as it is
                framing = self._framing()
                self._repeats_head = bool(framing)
                data = framing + data[upgrade.args[0] :]
        if self._untold_bytes > HEADER_BYTES_MAX:
            raise httptools.HttpParserError("the header is too long")

    def _framing(self) -> bytes:
        """The head of a request with a body like that of the last one. Empty if that has none."""
        told = [name + b": " + value for name, value in self.headers if name in _FRAMING]
        return b"\r\n".join([b"POST / HTTP/1.1", *told, b"", b""]) if told else b""

    def _count(self, size: int) -> None:
        self._untold_bytes = 0
        self._head_bytes += size
        if self._head_bytes > HEADER_BYTES_MAX:
            raise _NotServed

    def _watch_header(self) -> None:
        """Has one time run from the first byte, and from the connection on, until the header is complete."""
        if self.transport.is_closing() or not (self.cycle is None or self.cycle.response_complete):
            self.all.request_is_there(self)
        else:
            self.all.wait_for_request(self, self.loop)

    def _refuse(self, error: TouchstoneError, in_turn: bool) -> None:
        """Answers if it is `in_turn`, and closes the connection."""
        if in_turn:
            self.transport.write(_as_bytes(response_of(error, _CLOSE)))
            self.all.answer(self, self.loop)
        self.transport.close()


def _log_junk(about: dict[str, int]) -> None:
    log_action("not_http", logging.WARNING, **about)


def _too_many(setting: str) -> Overloaded:
    whose = "your address has" if setting == "connections_per_address_max" else "the server has"
    return Overloaded(f"{whose} as many connections as it serves at once (TOUCHSTONE_{setting.upper()})")


def _as_bytes(response: Response) -> bytes:
    """A whole answer on the wire. Written by hand, since there may be no request that it would be the answer to."""
    reason = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}[response.status_code]
    lines = [f"HTTP/1.1 {response.status_code} {reason}".encode()]
    lines += [name + b": " + value for name, value in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])
