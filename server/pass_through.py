"""A request to an engine and its answer, byte for byte in both directions.

What a caller sends is not checked here beyond its model, and what the engine answers is not read. The exceptions are
those in which bytes would not serve the caller: an engine's "no" goes out in OpenAI's shape, since OpenAI's SDK loses
the message of any other, and an answer that is none, that stalls or breaks off is an error that says so. In a stream
that has begun such an error is an event, and no half event goes out before it.
"""

from collections.abc import AsyncIterator, Mapping

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from inference.engine.engine import Engine, EngineReply, EngineRequest
from inference.engine.refusal import refusal_of
from inference.errors import EngineError, EngineUnreadable, ModelNotFound
from server.disconnect import unless_client_leaves
from server.errors import Row, error_response, object_of, response_of
from server.event_writer import EventWriter
from server.house import House
from server.wire import VERIFY_MODELS
from tools.embed import MODEL as EMBEDDING_MODEL

EVENT_BYTES_MAX = 4 * 1024 * 1024
"""Held back of a stream until an event is whole; an event over it goes out in pieces."""

_PASSED = frozenset({"content-type", "retry-after", "openai-model", "openai-processing-ms", "openai-version"})
_PASSED_PREFIX = "x-ratelimit-"
_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
"""How an event ends ("Parsing an event stream" in the HTML standard)."""


async def engine_for(house: House, model: str) -> Engine:
    """The engine that serves `model`. Raises ModelNotFound, which says what there is, and EngineUnavailable."""
    try:
        return await house.engines.serving(model)
    except ModelNotFound as error:
        ours = ", ".join((*VERIFY_MODELS, EMBEDDING_MODEL))
        raise ModelNotFound(f"{error.message} Models of this server itself: {ours}.", error.param) from None


def pass_through(request: Request, engine: Engine, path: str, body: bytes) -> Response:
    """The response that is the engine's answer to `body` at `path`. The body of `request` must have been read."""
    return _PassedThrough(request, engine, EngineRequest(path, body))


class AnswerOfEngine(Response):
    """Asks the engine when it is sent, so that the answer goes from connection to connection.

    Ends with the client: who leaves before an answer has begun is ClientDisconnect, afterwards nobody is told.
    """

    def __init__(self, request: Request, engine: Engine) -> None:
        self._request = request
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writer = EventWriter(send)
        try:
            await unless_client_leaves(self._request, self._answer(scope, receive, send, writer))
        except ClientDisconnect:
            if not writer.started:
                raise

    async def _answer(self, scope: Scope, receive: Receive, send: Send, writer: EventWriter) -> None:
        raise NotImplementedError


class _PassedThrough(AnswerOfEngine):
    def __init__(self, request: Request, engine: Engine, asked: EngineRequest) -> None:
        super().__init__(request, engine)
        self._asked = asked

    async def _answer(self, scope: Scope, receive: Receive, send: Send, writer: EventWriter) -> None:
        async with self._engine.open(self._asked) as reply:
            if reply.status != 200:
                refused = await refusal_response(reply, self._engine.name)
                await refused(scope, receive, send)
            elif is_stream(reply):
                await _stream(reply, writer)
            else:
                content = await read_object_of(reply, self._engine.name)
                await send_whole(content, passed_headers(reply.headers), send)


def is_stream(reply: EngineReply) -> bool:
    """Whether the answer is server-sent events."""
    return reply.headers.get("content-type", "").startswith("text/event-stream")


def passed_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Those of an engine's headers that are for the caller. The rest belongs to the connection, or to the engine."""
    return [
        (name.encode(), value.encode("utf-8", "surrogateescape"))  # the same bytes: so aiohttp has decoded them
        for name, value in headers.items()
        if name in _PASSED or name.startswith(_PASSED_PREFIX)
    ]


async def read_object_of(reply: EngineReply, name: str) -> bytes:
    """The whole answer. Raises EngineUnreadable if it is no JSON object, as far as its first and last byte tell."""
    content = await reply.read()
    if content[:1] + content[-1:] != b"{}" and not _is_object_with_space(content):
        raise EngineUnreadable(f"what the engine {name} answered is no JSON object")
    return content


def _is_object_with_space(content: bytes) -> bool:
    return content[:64].lstrip()[:1] + content[-64:].rstrip()[-1:] == b"{}"


async def refusal_response(reply: EngineReply, name: str) -> Response:
    """An answer with another status than 200, in OpenAI's shape. What is the engine's fault is a 5xx."""
    refusal = refusal_of(reply.status, await reply.read(), name)
    kept = {
        key: value
        for key, value in reply.headers.items()
        if (key == "retry-after" or key.startswith(_PASSED_PREFIX)) and value.isascii()
    }
    if refusal.is_of_the_engine:
        return response_of(refusal.as_error(), kept)
    return error_response(refusal.message, Row(refusal.status, refusal.type, refusal.code), refusal.param, kept)


async def whole_events(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, cut where events end. What is left of an event at the end comes last."""
    held = b""
    async for chunk in chunks:
        if held:
            chunk = held + chunk
            held = b""
        if not chunk.endswith(_ENDS) and len(chunk) < EVENT_BYTES_MAX:
            cut = max(chunk.rfind(end) + len(end) if end in chunk else 0 for end in _ENDS)
            chunk, held = chunk[:cut], chunk[cut:]
        if chunk:
            yield chunk
    if held:
        yield held


async def send_whole(content: bytes, headers: list[tuple[bytes, bytes]], send: Send) -> None:
    """Sends an answer that is no stream."""
    headers.append((b"content-length", b"%d" % len(content)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _stream(reply: EngineReply, writer: EventWriter) -> None:
    await writer.start(passed_headers(reply.headers))
    try:
        async for chunk in whole_events(reply.chunks()):
            await writer.write(chunk)
    except EngineError as error:
        await writer.write(error_event(error))
    await writer.end()


def error_event(error: EngineError) -> bytes:
    """`error` as an event, as OpenAI's SDK expects it in a stream."""
    return b"data: " + orjson.dumps(object_of(error)) + b"\n\n"
