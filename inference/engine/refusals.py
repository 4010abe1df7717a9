"""What an engine's "no" means: its status and its error object as one of our errors. Pure functions.

The engine's own words reach the caller shortened, for they say what is wrong with the request. What it says of a key
does not: some engines repeat it.
"""

import re
from typing import Any

import orjson

from inference.errors import BadInput, ContextTooLong, EngineError, EngineUnavailable, EngineUnreadable, ModelNotFound
from inference.text.shorten import shorten

_MESSAGE_CHARS_MAX = 300
_TOO_LONG = re.compile(
    r"context[ _]?(?:length|size|window)|exceed_context|too many tokens|prompt is too long|reduce the length", re.I
)
"""vLLM, llama.cpp, OpenAI and those who followed it."""


def error_of(status: int, body: bytes, engine: str, model: str) -> EngineError | BadInput:
    """The error that an answer with `status`, which is no success, amounts to."""
    told = told_by(body)
    said = f": {told}" if told else "."
    if status in (401, 403) and not told_parameters(body):
        return EngineUnavailable(f"{engine} refuses the key (status {status}); set TOUCHSTONE_ENGINE_KEY.")
    if status == 404 and ("model" in told.lower() or "model_not_found" in _code(body)):
        return ModelNotFound(f"{engine} does not serve the model {model!r}.", "model")
    if status in (400, 413, 422, 500) and _TOO_LONG.search(f"{told} {_code(body)}"):
        return ContextTooLong(f"The model {model!r} does not read as much at once{said}")
    if status in (408, 409, 425, 429) or status >= 500:
        return EngineUnavailable(f"{engine} has no answer now (status {status}){said}")
    return EngineUnreadable(f"{engine} refused the request (status {status}){said}")


def told_by(body: bytes) -> str:
    """What the engine says, on one line; empty if that is not to be read."""
    told = _error(body).get("message")
    return shorten(told, _MESSAGE_CHARS_MAX) if isinstance(told, str) else ""


def told_parameters(body: bytes) -> frozenset[str]:
    """Words of the error that may be names of request fields."""
    error = _error(body)
    return frozenset(re.findall(r"[a-z_]{4,40}", f"{error.get('param') or ''} {told_by(body)}")) & _FIELDS


_FIELDS = frozenset({"max_tokens", "temperature", "seed", "logprobs", "top_logprobs"})


def _error(body: bytes) -> dict[str, Any]:
    """OpenAI's error object, also where it stands without its wrapping, as older servers send it."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    inner = value.get("error", value) if isinstance(value, dict) else value
    if isinstance(inner, str):
        return {"message": inner}
    return inner if isinstance(inner, dict) else {}


def _code(body: bytes) -> str:
    error = _error(body)
    return f"{error.get('code') or ''} {error.get('type') or ''}"
