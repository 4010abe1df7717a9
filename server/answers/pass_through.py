"""A request to an engine and its answer, byte for byte in both directions.

What a caller sends is not checked here beyond its model, and of what the engine answers nothing is read but the tokens
that it tells, for the caller's usage (`stream_usage.py` says what that changes in a stream). The exceptions are those
in which bytes would not serve the caller: an engine's "no" goes out in OpenAI's shape, since OpenAI's SDK loses the
message of any other, and an answer that is none, that stalls or breaks off is an error that says so. In a stream
that has begun such an error is an event, and no half event goes out before it.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from inference.engine.engine import Engine, EngineReply, EngineRequest
from inference.engine.engines import Engines
from inference.engine.refusal import refusal_of
from inference.errors import EngineError, EngineUnreadable, ModelNotFound
from server.accounts.caller import LOCAL
from server.accounts.visit import visit_of
from server.answers.line_tokens import tokens_told
from server.answers.stream_usage import StreamUsage, asking_for_usage, asks_for_usage
from server.errors import Row, error_response, object_of, response_of
from server.house import House
from server.http.direct import STARTED
from server.http.disconnect import unless_client_leaves
from server.http.event_writer import EventWriter
from server.wire.verification import VERIFY_MODELS
from tools.embed import MODEL as EMBEDDING_MODEL

EVENT_BYTES_MAX = 4 * 1024 * 1024
"""Held back of a stream until an event is whole; an event over it goes out in pieces."""

_PASSED = frozenset({"content-type", "retry-after", "openai-model", "openai-processing-ms", "openai-version"})
_PASSED_PREFIX = "x-ratelimit-"
_UNKNOWN_FIELD = (400, 422)
"""With which an engine refuses a field that it does not know."""

_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
"""How an event ends ("Parsing an event stream" in the HTML standard)."""


async def engine_for(house: House, model: str) -> Engine:
    """The engine that serves `model`. Raises ModelNotFound, which says what there is, and EngineUnavailable."""
    try:
        return await house.engines.serving(model)
    except ModelNotFound as error:
        ours = ", ".join((*VERIFY_MODELS, EMBEDDING_MODEL))
        raise ModelNotFound(f"{error.message} Models of this server itself: {ours}.", error.param, error.kind) from None


def pass_through(request: Request, engine: Engine, path: str, body: bytes, value: Mapping[str, Any]) -> Response:
    """The response that is the engine's answer to `body`, the JSON of `value`, at `path`. The body of `request` must
    have been read."""
    return _PassedThrough(request, engine, path, body, value)


class AnswerOfEngine(Response):
    """Asks the engine when it is sent, so that the answer goes from connection to connection.

    Ends with the client: who leaves before an answer has begun is ClientDisconnect, afterwards nobody is told.
    """

    def __init__(self, request: Request, engine: Engine, model: str) -> None:
        self._request = request
        self._engine = engine
        self._model = model
        self._visit = visit_of(request.scope)
        self._engines: Engines = request.app.state.house.engines
        self._hides_usage = False
        """Whether tokens come that the caller has not asked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writer = EventWriter(send)
        try:
            await unless_client_leaves(self._request, self._answer(scope, receive, send, writer))
        except ClientDisconnect:
            if STARTED not in scope:
                raise

    async def _answer(self, scope: Scope, receive: Receive, send: Send, writer: EventWriter) -> None:
        raise NotImplementedError

    def _opened(
        self, path: str, body: bytes, value: Mapping[str, Any]
    ) -> contextlib.AbstractAsyncContextManager[EngineReply]:
        """The engine's reply to `body`, the JSON of `value`, which is also asked for the tokens of its stream if the
        caller has a key for which they count."""
        asked = EngineRequest(path, body)
        if asks_for_usage(value) or self._visit.caller is LOCAL or self._engine.name in self._engines.usage_not_told:
            return self._engine.open(asked)
        asking = asking_for_usage(body, value)
        return self._engine.open(asked) if asking is body else self._asked_for_usage(asked, asking)

    @contextlib.asynccontextmanager
    async def _asked_for_usage(self, asked: EngineRequest, asking: bytes) -> AsyncIterator[EngineReply]:
        """Asks for no more than the caller did where the engine knows no such thing."""
        async with self._engine.open(replace(asked, body=asking)) as reply:
            if reply.status not in _UNKNOWN_FIELD:
                self._hides_usage = True
                yield reply
                return
        async with self._engine.open(asked) as reply:
            if reply.status == 200:
                self._engines.usage_not_told.add(self._engine.name)
            yield reply

    async def _forwarded(
        self, reply: EngineReply, writer: EventWriter, heard: Callable[[bytes], bytes] | None = None
    ) -> bool:
        """Passes the events of `reply` on as `heard` gives them back, and notes what they say of tokens. Whether the
        stream came to its end."""
        usage = StreamUsage(hides=self._hides_usage)
        await writer.start(passed_headers(reply.headers))
        try:
            async for events in whole_events(reply.chunks()):
                passed = usage.passed(events)
                if heard is not None:
                    passed = heard(passed)
                if passed:
                    await writer.write(passed)
        except EngineError as error:
            await writer.write(error_event(error))
            return False
        finally:
            self._visit.spend(self._model, usage.tokens)
        return True


class _PassedThrough(AnswerOfEngine):
    def __init__(self, request: Request, engine: Engine, path: str, body: bytes, value: Mapping[str, Any]) -> None:
        super().__init__(request, engine, value["model"])
        self._path = path
        self._body = body
        self._value = value

    async def _answer(self, scope: Scope, receive: Receive, send: Send, writer: EventWriter) -> None:
        async with self._opened(self._path, self._body, self._value) as reply:
            last: Callable[[], Awaitable[None]]
            if reply.status != 200:
                refused = await refusal_response(reply, self._engine.name)
                last = partial(refused, scope, receive, send)
            elif is_stream(reply):
                await self._forwarded(reply, writer)
                last = writer.end
            else:
                content = await read_object_of(reply, self._engine.name)
                self._visit.spend(self._model, tokens_told(content))
                last = partial(send_whole, content, passed_headers(reply.headers), send)
        await last()  # the engine has done its part, whether the caller takes his time or has left when he has it all


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


def error_event(error: EngineError) -> bytes:
    """`error` as an event, as OpenAI's SDK expects it in a stream."""
    return b"data: " + orjson.dumps(object_of(error)) + b"\n\n"
