"""Request bodies within bounds of size and time, and JSON out of them."""

import asyncio
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.errors import BadInput, TooLarge
from inference.time_limit import TimeLimit
from server.errors import BodyTimeout
from server.settings import Settings
from server.validation import json_type, validated

ModelT = TypeVar("ModelT", bound=BaseModel)


class BoundedBody:
    """ASGI middleware: whoever reads a body over the limit gets TooLarge, and BodyTimeout if it does not come in time.

    What still comes of a refused body is read and dropped by the protocol, within bounds: a client that is still
    sending would otherwise see a broken pipe and not the answer.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._bytes_max = settings.body_bytes_max
        self._timeout_s = settings.body_timeout_s
        self._limit = TimeLimit(settings.body_timeout_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, self._bounded(receive) if scope["type"] == "http" else receive, send)

    def _bounded(self, receive: Receive) -> Receive:
        wait = self._limit.wait(since_s=asyncio.get_running_loop().time())
        size, complete = 0, False

        async def bounded() -> Message:
            nonlocal size, complete
            if complete:
                return await receive()  # from here on it only waits for the client to leave
            try:
                with wait:
                    message = await receive()
            except TimeoutError:
                raise BodyTimeout(
                    f"the request body did not arrive within {self._timeout_s:g} s (TOUCHSTONE_BODY_TIMEOUT_S)"
                ) from None
            size += len(message.get("body", b""))
            complete = message["type"] != "http.request" or not message.get("more_body", False)
            if size > self._bytes_max:
                raise TooLarge(
                    f"the request body is over the limit of {self._bytes_max:,} bytes. "
                    "Send less, or raise TOUCHSTONE_BODY_BYTES_MAX."
                )
            return message

        return bounded


async def _read(request: Request) -> bytes:
    """The whole body; most come in one message. Raises ClientDisconnect."""
    parts: list[bytes] = []
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def read_json(request: Request, model: type[ModelT]) -> ModelT:
    """The request's body as `model`. Raises BadInput for what is no JSON object, no UTF-8, or does not fit."""
    return validated((await read_object(request))[1], model)


async def read_object(request: Request) -> tuple[bytes, dict[str, Any]]:
    """The request's body, as it came and as a JSON object. Raises BadInput for what is none."""
    body = await _read(request)
    if not body:
        raise BadInput("the request has no body; send a JSON object")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"the request body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadInput(f"the request body is a JSON {json_type(value)}; send an object")
    return body, value
