"""The tokens of a stream on its way from an engine to a caller.

An engine tells the tokens of a stream only where `stream_options` ask it to, in one more chunk before the end. For a
caller with a key it is asked to, also where the caller did not, who then does not see that chunk. Of a stream whose
tokens nobody tells, since it was broken off, or the engine was not asked or does not know how, a token counts for each
piece that came, but for those that open and end a stream: engines send a token a piece, or more.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from inference.engine.chat_stream import DONE, data_of
from inference.usage.token_usage import NO_USAGE, TokenUsage
from server.answers.line_tokens import tokens_of

OPENING = 1
"""Pieces that say who speaks, at the beginning."""

ENDING = 2
"""Pieces that say why it ended, and that it has."""

_NEXT = b"\n\ndata:"
_USAGE = b'"usage"'
_EVENTS = re.compile(rb"(?<=\n\n)|(?<=\r\n\r\n)|(?<=\r\r)")
_ASKED = b',"stream_options":{"include_usage":true}}'


def asks_for_usage(value: Mapping[str, Any]) -> bool:
    """Whether the request `value` asks for the tokens of its stream, or is none for a stream."""
    options = value.get("stream_options")
    return value.get("stream") is not True or (isinstance(options, dict) and options.get("include_usage") is True)


def asking_for_usage(body: bytes, value: Mapping[str, Any]) -> bytes:
    """`body`, the JSON of `value`, so that it asks for the tokens of its stream. As it is if it has options that are
    none, which is for the engine to say."""
    if "stream_options" not in value:
        return body.rstrip()[:-1] + _ASKED  # the rest goes byte for byte
    options = value["stream_options"]
    if not isinstance(options, dict | None):
        return body
    try:
        return orjson.dumps({**value, "stream_options": {**(options or {}), "include_usage": True}})
    except TypeError:  # nested deeper than is written here, though it was read
        return body


class StreamUsage:
    """Hears one stream. With `hides` it takes out of it the chunk that says nothing but tokens."""

    __slots__ = ("_hides", "_last", "_pieces", "_told")

    def __init__(self, *, hides: bool) -> None:
        self._hides = hides
        self._told = NO_USAGE
        self._pieces = 0
        self._last = b""

    @property
    def tokens(self) -> TokenUsage:
        """What the engine has told last, or what is known without its word."""
        said = self._pieces - OPENING - (ENDING if DONE in self._last else 0)
        return self._told if self._told is not NO_USAGE or said <= 0 else TokenUsage(output=said)

    def passed(self, events: bytes) -> bytes:
        """What the caller gets of `events`, which are whole."""
        self._pieces += events.count(_NEXT) + (events[:1] == b"d")
        self._last = events
        if _USAGE not in events:
            return events
        return b"".join([event for event in _EVENTS.split(events) if not self._is_hidden(event)])

    def _is_hidden(self, event: bytes) -> bool:
        """Whether `event` says tokens alone, and is not for the caller. Notes the tokens that it says."""
        if _USAGE not in event:
            return False
        for line in event.splitlines():
            if data := data_of(line):
                chunk = _object(data)
                if isinstance(chunk.get("usage"), dict):
                    self._told = tokens_of(chunk)
                    return self._hides and not chunk.get("choices") and "error" not in chunk
        return False


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
