"""A line of a batch: what it asks, and the line of the output or error file that answers it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import orjson

from inference.usage.token_usage import NO_USAGE, TokenUsage
from inference.usage.used import ByModel


@dataclass(frozen=True, slots=True)
class Line:
    """A request of a batch. `number` counts the requests of the file from 0."""

    number: int
    custom_id: str
    body: dict[str, Any]
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What an answerer keeps of one try for the next. It is gone with the worker."""


class Again(Enum):
    """Whether it makes sense to ask again what failed."""

    NO = "no"
    """It would fail the same."""

    SOON = "soon"
    """It went wrong; a few more tries are worth it."""

    WHEN_UP = "when up"
    """Who should answer is away or busy. That may take minutes, and is no fault of the line."""


@dataclass(frozen=True, slots=True)
class LineError:
    """Why there is no answer at all."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """The answer to a line: `body` is JSON without line breaks, with its HTTP `status`; or the `error` that stands in
    for an answer. `again` and `retry_after_s` are for the caller to decide whether to ask again."""

    status: int = 0
    body: bytes = b""
    request_id: str = ""
    tokens: TokenUsage = NO_USAGE
    """Those that the answer itself tells."""
    used: ByModel = field(default_factory=dict)
    """What it takes of each model that was asked for it, verifications included."""
    error: LineError | None = None
    again: Again = Again.NO
    retry_after_s: float | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it belongs into the output file; else into the error file."""
        return self.status == 200 and self.error is None


EXPIRED = LineAnswer(
    error=LineError("batch_expired", "This request could not be executed before the completion window expired.")
)


def result_line(batch_id: str, line: Line, answer: LineAnswer) -> bytes:
    """The line that goes into the output or error file, with its line break. The same for the same answer.

    It is one line for every reader: also for those that break lines where Unicode does, such as Python's `splitlines`
    and the `iter_lines` of OpenAI's client.
    """
    text = _result_line(batch_id, line, answer)
    if not text.isascii():
        for character, escaped in _UNICODE_LINE_BREAKS:
            text = text.replace(character, escaped)
    return text


_UNICODE_LINE_BREAKS = tuple((chr(code).encode(), b"\\u%04x" % code) for code in (0x85, 0x2028, 0x2029))
"""JSON may hold them as they are, in texts alone. Those in ASCII are always escaped there."""


def _result_line(batch_id: str, line: Line, answer: LineAnswer) -> bytes:
    head = b'{"id":"batch_req_%s_%d","custom_id":%s,"response":' % (
        batch_id.removeprefix("batch_").encode(),
        line.number,
        orjson.dumps(line.custom_id),
    )
    if answer.error is not None:
        message = answer.error.message.encode(errors="replace").decode()  # an engine's words may be no text
        error = {"code": answer.error.code, "message": message}
        return head + b'null,"error":' + orjson.dumps(error) + b"}\n"
    return head + b'{"status_code":%d,"request_id":%s,"body":%s},"error":null}\n' % (
        answer.status,
        orjson.dumps(answer.request_id),
        answer.body,
    )
