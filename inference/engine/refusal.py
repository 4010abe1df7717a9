"""What an engine says when it says no: every engine's own shape of an error, read into one.

vLLM sends OpenAI's object with a number for `code`, llama.cpp a number and a type of its own, FastAPI `detail`, Ollama
a plain text under `error`, a proxy before an engine HTML. OpenAI's SDK shows only OpenAI's object, with a text for
`code`, so this is where it comes from. What the model's context does not hold is told apart: a caller can mend it.
"""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from inference.errors import (
    BadInput,
    ContextTooLong,
    EngineError,
    EngineUnavailable,
    EngineUnreadable,
    ModelNotFound,
    Overloaded,
    TouchstoneError,
)
from inference.text.shorten import shorten

REFUSAL_CHARS_MAX = 2_000
"""Of an engine's message. A caller has to read it; some engines send back the whole request with it."""

TOLD_CHARS_MAX = 300
"""Of an engine's message inside one of our own. What it says of a key is left out: some engines repeat it."""

CONTEXT_TOO_LONG = "context_length_exceeded"
MODEL_NOT_FOUND = "model_not_found"

_OVER_CONTEXT = re.compile(
    r"context[_ ]?(length|size|window)|exceed_context|maximum model length|max_model_len|longer than the max|"
    r"too many tokens|prompt is too long|reduce the length",
    re.I,
)
"""vLLM, llama.cpp, OpenAI and those who followed it."""
_NAME = re.compile(r"[a-z_]{4,40}")
_TYPE = "invalid_request_error"
_CODES = {404: "not_found", 413: "too_large", 429: "rate_limit_exceeded"}
_OTHER_CODE = "invalid_input"

LATER = frozenset({408, 409, 425, 429})
"""Of those that are a caller's: what may be answered a little later."""

_PASSING = frozenset({502, 503, 504})
"""What an engine answers while it loads its model, and a proxy whose engine is down."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An engine's "no" with the parts of OpenAI's error object. `status` is 400 for what is over the context."""

    status: int
    message: str
    type: str
    param: str | None
    code: str

    @property
    def is_of_the_engine(self) -> bool:
        """Whether it is the engine's own fault, or its operator's, and not the caller's."""
        return self.status == 401 or not 400 <= self.status < 500

    def as_error(self) -> TouchstoneError:
        """One of ours, for those who asked on a caller's behalf."""
        if self.code == CONTEXT_TOO_LONG:
            return ContextTooLong(self.message, self.param)
        if self.status in _PASSING:
            return EngineUnavailable(self.message)
        if self.is_of_the_engine:
            return EngineError(self.message)
        if self.status == 404:
            return ModelNotFound(self.message, self.param)
        return Overloaded(self.message) if self.status == 429 else BadInput(self.message, self.param)

    def of_our_own_request(self, engine: str, model: str) -> EngineError | BadInput:
        """One of ours, for a request that we made up: a caller can mend nothing in it but its length and the model."""
        told = f": {shorten(self.message, TOLD_CHARS_MAX)}"
        if self.code == CONTEXT_TOO_LONG:
            return ContextTooLong(f"The model {model!r} does not read as much at once{told}")
        if self.status in (401, 403):
            return EngineUnavailable(f"{engine} refuses the key (status {self.status}); set TOUCHSTONE_ENGINE_KEY.")
        if self.status == 404 and self.code == MODEL_NOT_FOUND:
            return ModelNotFound(f"{engine} does not serve the model {model!r}.", "model")
        if self.status in LATER or self.status >= 500:
            return EngineUnavailable(f"{engine} has no answer now (status {self.status}){told}")
        return EngineUnreadable(f"{engine} refused the request (status {self.status}){told}")

    def fields_among(self, names: frozenset[str]) -> frozenset[str]:
        """Those of the request's fields `names` that the refusal speaks of."""
        return frozenset(_NAME.findall(f"{self.param or ''} {self.message}")) & names


def refusal_of(status: int, body: bytes, engine: str) -> Refusal:
    """The refusal that an answer with `status`, any but 2xx, and `body` is. `engine` is named where it says nothing.

    A 401 is the engine's to this server, whose key it does not take: no caller can mend that.
    """
    said = _object(body)
    said_text = _text(said.get("message"))
    message = said_text or f"the engine {engine} answered {status}"
    if status == 401:
        message = f"the engine {engine} refuses this server's key (401); set TOUCHSTONE_ENGINE_KEY to a valid one"
    elif not 400 <= status < 500:
        message = f"the engine {engine} answered {status}: {said_text}" if said_text else message
    code = said.get("code") if isinstance(said.get("code"), str) else None
    if 400 <= status <= 500 and (code == CONTEXT_TOO_LONG or _OVER_CONTEXT.search(f"{message} {said.get('type')}")):
        return Refusal(400, message, _TYPE, _text(said.get("param")), CONTEXT_TOO_LONG)
    kind = said.get("type") if isinstance(said.get("type"), str) else None
    return Refusal(status, message, kind or _TYPE, _text(said.get("param")), code or _code(status, message))


def _code(status: int, message: str) -> str:
    if status == 401 or not 400 <= status < 500:
        return "engine_error"
    if status == 404 and "model" in message.lower():
        return MODEL_NOT_FOUND
    return _CODES.get(status, _OTHER_CODE)


def _object(body: bytes) -> dict[str, Any]:
    """The parts of an error object that `body` has, whatever it is called there."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(value, dict):
        return {}
    for name in ("error", "detail"):
        inner = value.get(name)
        if isinstance(inner, dict):
            return inner
        if inner:
            return {"message": inner if isinstance(inner, str) else orjson.dumps(inner).decode()}
    return value


def _text(value: object) -> str | None:
    return value[:REFUSAL_CHARS_MAX] if isinstance(value, str) and value else None
