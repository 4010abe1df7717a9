"""A chat completion as it arrives: server-sent events of an engine, read into pieces of text.

Engines cut their events anywhere, send comments in between, and report an error in the middle of a stream as one more
event. One that does not stream answers whole, which is one piece. An answer that ends without saying that it is
finished was broken off, and is never taken for a short one.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from inference.engine.engine import EngineReply
from inference.engine.refusal import refusal_of
from inference.errors import EngineUnavailable, EngineUnreadable
from inference.verdict import NO_TOKENS, Tokens

EVENT_BYTES_MAX = 16 * 1024 * 1024
"""In one event. A chunk is some hundred bytes; an engine that does not stream may send its whole answer as one."""

_DONE = b"[DONE]"
_FAULT = 500  # of an error within a stream that tells no status of its own


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer. `thought` is text of a model that thinks before it answers, and no part of the answer."""

    text: str = ""
    thought: str = ""
    finish_reason: str = ""
    spent: Tokens = NO_TOKENS


async def pieces_of(reply: EngineReply, engine: str) -> AsyncGenerator[Piece]:
    """The pieces of the answer in `reply`, whose status is 200, from the engine of that name.

    Raises EngineUnavailable if it breaks off, EngineUnreadable for what is no chat completion, and what an error of the
    engine within the stream amounts to.
    """
    if "text/event-stream" not in reply.headers.get("content-type", ""):
        yield _piece(await reply.read(), engine)
        return
    finished = False
    async for data in _events(reply.chunks(), engine):
        if data == _DONE:
            finished = True
            continue  # to the end of the body, so that the connection can be used again
        piece = _piece(data, engine)
        finished = finished or bool(piece.finish_reason)
        yield piece
    if not finished:
        raise EngineUnavailable(f"the engine {engine} broke its answer off")


async def _events(chunks: AsyncIterator[bytes], engine: str) -> AsyncGenerator[bytes]:
    """The data of each event. OpenAI's streams keep an event's data on one line."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > EVENT_BYTES_MAX:
            raise EngineUnreadable(f"the engine {engine} sent an event of more than {EVENT_BYTES_MAX:,} bytes")
        for line in lines:
            if line.startswith(b"data:"):
                yield line.removeprefix(b"data:").strip()
    if rest.startswith(b"data:"):
        yield rest.removeprefix(b"data:").strip()


def _piece(data: bytes, engine: str) -> Piece:
    try:
        value = orjson.loads(data)
        if value.get("error"):
            raise refusal_of(_status(value["error"]), data, engine).as_error()
        choices = value.get("choices") or [{}]
        said = choices[0].get("delta") or choices[0].get("message") or {}
        return Piece(
            _text(said, "content"),
            _text(said, "reasoning_content") or _text(said, "reasoning"),
            str(choices[0].get("finish_reason") or ""),
            _spent(value.get("usage")),
        )
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise EngineUnreadable(f"what the engine {engine} answered is no chat completion") from None


def _status(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else _FAULT


def _text(said: dict[str, Any], name: str) -> str:
    text = said.get(name)
    return text if isinstance(text, str) else ""


def _spent(usage: Any) -> Tokens:
    return Tokens(int(usage["prompt_tokens"]), int(usage["completion_tokens"])) if usage else NO_TOKENS
