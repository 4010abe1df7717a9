"""Request bodies within bounds of size and time, and JSON out of them."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.errors import BadInput, TooLarge
from inference.time_limit import TimeLimit
from server.access import header
from server.errors import BodyTimeout
from server.http.multipart import FORM_BYTES_MAX
from server.settings import Settings
from server.wire.validation import json_type, validated

ModelT = TypeVar("ModelT", bound=BaseModel)


UPLOAD_S_MAX = 12 * 3600.0
"""For a file to arrive, however fast its pieces follow each other: 10 GB at 2 Mbit/s. Well below the time after which
what a broken-off upload has left is swept away (`UNFINISHED_S` in inference/files/file_records.py)."""

_FORMS = (("/v1/files", "file_bytes_max"), ("/v1/uploads/[^/]+/parts", "upload_part_bytes_max"))
"""Paths that take forms with a file, and the setting that bounds the file."""

_OF_FORMS = ("/v1/files", "/v1/uploads")
"""How these begin."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Of a body. One `in_pieces` may take its time as long as it keeps coming; any other has to be there in time."""

    bytes_max: int
    setting: str
    in_pieces: bool = False

    def check(self, size: int) -> None:
        """Raises TooLarge."""
        if size > self.bytes_max:
            raise TooLarge(
                f"the request body is over the limit of {self.bytes_max:,} bytes. "
                f"Send less, or raise TOUCHSTONE_{self.setting.upper()}."
            )


class BoundedBody:
    """ASGI middleware: whoever reads a body over the limit gets TooLarge, and BodyTimeout if it does not come in time.

    What still comes of a refused body is read and dropped by the protocol, within bounds: a client that is still
    sending would otherwise see a broken pipe and not the answer.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._timeout_s = settings.body_timeout_s
        self._limit = TimeLimit(settings.body_timeout_s)
        self._plain = _Bounds(settings.body_bytes_max, "body_bytes_max")
        self._forms = tuple(
            (re.compile(path), _Bounds(getattr(settings, name) + FORM_BYTES_MAX, name, in_pieces=True))
            for path, name in _FORMS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, self._bounded(scope, receive) if scope["type"] == "http" else receive, send)

    def _bounds(self, path: str) -> _Bounds:
        if path.startswith(_OF_FORMS):
            return next((bounds for pattern, bounds in self._forms if pattern.fullmatch(path)), self._plain)
        return self._plain

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        bounds = self._bounds(scope["path"])
        now = asyncio.get_running_loop().time
        started_s = now()
        wait = self._limit.wait(since_s=None if bounds.in_pieces else started_s)
        size, complete = 0, False

        async def bounded() -> Message:
            nonlocal size, complete
            if complete:
                return await receive()  # from here on it only waits for the client to leave
            if bounds.in_pieces and size == 0:
                bounds.check(_declared_bytes(scope))  # else gigabytes are sent to be refused
            try:
                with wait:
                    message = await receive()
            except TimeoutError:
                raise BodyTimeout(self._late(bounds)) from None
            if bounds.in_pieces and now() - started_s > UPLOAD_S_MAX:
                raise BodyTimeout(f"the request body took longer than {UPLOAD_S_MAX / 3600:g} hours; use /v1/uploads")
            size += len(message.get("body", b""))
            complete = message["type"] != "http.request" or not message.get("more_body", False)
            bounds.check(size)
            return message

        return bounded

    def _late(self, bounds: _Bounds) -> str:
        within = f"{self._timeout_s:g} s (TOUCHSTONE_BODY_TIMEOUT_S)"
        if bounds.in_pieces:
            return f"nothing more of the request body came for {within}"
        return f"the request body did not arrive within {within}"


def _declared_bytes(scope: Scope) -> int:
    """What the header says of the body's size; 0 if it says nothing."""
    declared = header(scope, b"content-length")
    return int(declared) if declared.isdecimal() else 0  # the protocol has let only numbers pass


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
        if (coding := header(request.scope, b"content-encoding")) not in ("", "identity"):
            raise BadInput(f"the request body has content-encoding {coding[:40]!r}; send it as it is") from None
        raise BadInput(f"the request body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadInput(f"the request body is a JSON {json_type(value)}; send an object")
    return body, value
