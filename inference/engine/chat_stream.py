"""A chat completion as it arrives: server-sent events of an engine, read into pieces of text.

Engines cut their events anywhere, send comments in between, and report an error in the middle of a stream as one more
event. One that does not stream answers whole, which is one piece. An answer that ends without saying that it is
finished was broken off, and is never taken for a short one.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from inference.engine.chat_answer import spent_on
from inference.engine.engine import EngineReply
from inference.engine.message_text import text_of
from inference.engine.refusal import refusal_of
from inference.errors import EngineUnavailable, EngineUnreadable
from inference.verdict import NO_TOKENS, Tokens

EVENT_BYTES_MAX = 16 * 1024 * 1024
"""In one event. A chunk is some hundred bytes; an engine that does not stream may send its whole answer as one."""

DONE = b"[DONE]"
"""The data of the event that ends a stream in order."""

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
        yield piece_of(chunk_of(await reply.read(), engine), engine)
        return
    finished = False
    async for data in _events(reply.chunks(), engine):
        if data == DONE:
            finished = True
            continue  # to the end of the body, so that the connection can be used again
        piece = piece_of(chunk_of(data, engine), engine)
        finished = finished or bool(piece.finish_reason)
        yield piece
    if not finished:
        raise broken_off(engine)


async def _events(chunks: AsyncIterator[bytes], engine: str) -> AsyncGenerator[bytes]:
    """The data of each event. OpenAI's streams keep an event's data on one line."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > EVENT_BYTES_MAX:
            raise EngineUnreadable(f"the engine {engine} sent an event of more than {EVENT_BYTES_MAX:,} bytes")
        for line in lines:
            if data := data_of(line):
                yield data
    if data := data_of(rest):
        yield data


def data_of(line: bytes) -> bytes:
    """The data in a line of an event stream; empty for a comment, and for whatever else an event has."""
    return line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""


def chunk_of(data: bytes, engine: str) -> dict[str, Any]:
    """A chunk, or a completion that came whole. Raises EngineUnreadable for what is none, and the error that it is."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _unreadable(engine) from None
    if not isinstance(value, dict):
        raise _unreadable(engine)
    if value.get("error"):
        raise refusal_of(_status(value["error"]), data, engine).as_error()
    return value


def piece_of(chunk: dict[str, Any], engine: str) -> Piece:
    """What `chunk` adds to the answer. Raises EngineUnreadable where it is not made as chunks are."""
    try:
        choices = chunk.get("choices") or [{}]
        said = choices[0].get("delta") or choices[0].get("message") or {}
        return Piece(
            text_of(said.get("content")),
            text_of(said.get("reasoning_content")) or text_of(said.get("reasoning")),
            str(choices[0].get("finish_reason") or ""),
            spent_on(chunk),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise _unreadable(engine) from None


def _unreadable(engine: str) -> EngineUnreadable:
    return EngineUnreadable(f"what the engine {engine} answered is no chat completion")


def broken_off(engine: str) -> EngineUnavailable:
    """The error that an answer is which ends without saying that it is finished."""
    return EngineUnavailable(f"the engine {engine} broke its answer off")


def _status(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else _FAULT
