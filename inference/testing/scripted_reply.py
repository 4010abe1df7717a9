"""What a scripted engine answers: right, wrong, malformed, cut off, slow, refused or broken off, in OpenAI's format.

`says` is an answer of a model with the log-probabilities of its tokens, `refuses` an error of an engine, and a
`ScriptedReply` of any other bytes is whatever no engine should send.
"""

import asyncio
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import orjson

_PIECE = re.compile(r" ?\w{1,8}|\s|[^\w\s]")
"""How texts are cut into tokens: roughly as real tokenizers do, and never a long word whole."""
_LOG_OF_NOTHING = -9999.0  # what vLLM writes for a probability of zero

CERTAIN_KEPT = 4096
"""Tokens without a doubt, as they are written: an answer has dozens of them, and most are in many answers."""


@dataclass(frozen=True, slots=True)
class ScriptedToken:
    """A token of an answer, and the probabilities of what could have stood in its place, itself included."""

    text: bytes
    odds: Mapping[bytes, float]


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One answer of an engine. `stream` is the body if the request asks for a stream, else `body` is.

    Nothing of it comes before `release` is set. After `chunks_max` chunks it breaks off. An `unreachable` engine gives
    no answer at all.
    """

    status: int = 200
    body: bytes = b""
    stream: tuple[bytes, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    release: asyncio.Event | None = None
    chunks_max: int | None = None
    unreachable: bool = False

    def after(self, release: asyncio.Event) -> "ScriptedReply":
        """The same, held back until `release` is set."""
        return replace(self, release=release)

    def broken_after(self, chunks: int) -> "ScriptedReply":
        """The same, broken off after so many chunks."""
        return replace(self, chunks_max=chunks)


UNREACHABLE = ScriptedReply(unreachable=True)
"""The engine is down."""


def says(
    text: str | None,
    odds: Iterable[tuple[str, Mapping[str, float]]] = (),
    *,
    finish: str = "stop",
    logprobs: bool = True,
    usage: bool = True,
    message: Mapping[str, Any] | None = None,
) -> ScriptedReply:
    """A model's answer `text`, ended for the reason `finish` ("length": it was cut off).

    Each of `odds` is a piece of `text`, looked for after the one before, that is a token of its own, and what could
    have stood there with which probability. All other tokens are certain. Without `logprobs` the engine tells none,
    whatever it is asked. `message` are further fields of the message, such as a refusal.
    """
    tokens = tuple(cut(text or "", odds))
    spelled = [_token_json(token) for token in tokens] if logprobs else None
    spent = {"prompt_tokens": 100, "completion_tokens": len(tokens), "total_tokens": 100 + len(tokens)}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **(message or {})},
        "logprobs": {"content": spelled} if spelled is not None else None,
        "finish_reason": finish,
    }
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "scripted", "choices": [choice]}
    return ScriptedReply(
        body=orjson.dumps(body | ({"usage": spent} if usage else {})), stream=_stream(tokens, finish, spent, spelled)
    )


def refuses(status: int, message: str, code: str | None = None, **headers: str) -> ScriptedReply:
    """An engine's error, as OpenAI's error object."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return ScriptedReply(status, orjson.dumps({"error": error}), headers={"content-type": "application/json"} | sent)


def cut(text: str, odds: Iterable[tuple[str, Mapping[str, float]]] = ()) -> Iterator[ScriptedToken]:
    """`text` as tokens, each of `odds` one of its own. Raises ValueError if a piece is not there."""
    at = 0
    for piece, choices in odds:
        start = text.index(piece, at)
        yield from _certain(text[at:start])
        yield ScriptedToken(piece.encode(), {choice.encode(): chance for choice, chance in choices.items()})
        at = start + len(piece)
    yield from _certain(text[at:])


def count(text: str) -> int:
    """The tokens that `cut` makes of `text`."""
    return len(_PIECE.findall(text))


def _certain(text: str) -> Iterator[ScriptedToken]:
    return (ScriptedToken(piece.encode(), {piece.encode(): 1.0}) for piece in _PIECE.findall(text))


def _token_json(token: ScriptedToken) -> Mapping[str, Any]:
    return _certain_json(token.text) if token.odds == {token.text: 1.0} else _odds_json(token)


@lru_cache(CERTAIN_KEPT)
def _certain_json(text: bytes) -> Mapping[str, Any]:
    return _odds_json(ScriptedToken(text, {text: 1.0}))


def _odds_json(token: ScriptedToken) -> dict[str, Any]:
    ordered = sorted(token.odds.items(), key=lambda choice: -choice[1])
    return _spelled(token.text, token.odds.get(token.text, 0.0)) | {
        "top_logprobs": [_spelled(text, chance) for text, chance in ordered]
    }


def _spelled(text: bytes, chance: float) -> dict[str, Any]:
    logprob = math.log(chance) if chance > 0 else _LOG_OF_NOTHING
    return {"token": text.decode(errors="replace"), "logprob": logprob, "bytes": list(text)}


def _stream(
    tokens: Sequence[ScriptedToken], finish: str, spent: dict[str, int], spelled: Sequence[Mapping[str, Any]] | None
) -> tuple[bytes, ...]:
    """Server-sent events: a chunk for each token, one for the end, one for the usage, and the mark of the end."""
    told = [{"content": [one]} for one in spelled] if spelled is not None else [None] * len(tokens)
    deltas = [
        {
            "index": 0,
            "delta": {"content": token.text.decode(errors="replace")},
            "logprobs": logprobs,
            "finish_reason": None,
        }
        for token, logprobs in zip(tokens, told, strict=True)
    ]
    last = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": finish}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
    bodies = [head | {"choices": [choice]} for choice in [*deltas, last]] + [head | {"choices": [], "usage": spent}]
    return (*(b"data: " + orjson.dumps(body) + b"\n\n" for body in bodies), b"data: [DONE]\n\n")
