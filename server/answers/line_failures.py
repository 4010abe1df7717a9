"""What becomes of a line of a batch that was not answered: the answer "no", or another try. One table, total."""

from collections.abc import Mapping

import orjson

from inference import errors
from inference.batches.line import Again, LineAnswer, LineError
from inference.engine.refusal import LATER, Refusal
from server.errors import Row, error_object, object_of, row_of, words_for_callers

AGAIN: dict[type[errors.TouchstoneError], Again] = {
    errors.BadInput: Again.NO,  # with all below it: the caller's to mend
    errors.EvidenceError: Again.SOON,
    errors.SearchFailed: Again.WHEN_UP,  # search engines refuse for minutes who asks much
    errors.CorpusEmpty: Again.NO,
    errors.EvidenceUnavailable: Again.WHEN_UP,
    errors.JudgeError: Again.SOON,
    errors.JudgeUnavailable: Again.WHEN_UP,
    errors.EngineError: Again.SOON,
    errors.EngineUnavailable: Again.WHEN_UP,
    errors.StorageError: Again.WHEN_UP,
    errors.Overloaded: Again.WHEN_UP,
    errors.DeadlineExceeded: Again.SOON,
    errors.EncoderUnavailable: Again.NO,  # a file of the installation is missing: no try makes it come
    errors.SettingsError: Again.NO,
    errors.TouchstoneError: Again.SOON,
}
"""For each kind of error, or for the nearest above it."""

INTERNAL = LineAnswer(
    error=LineError("internal_error", "something went wrong inside the server; its log has the details"),
    again=Again.SOON,
)


def again_of(error: errors.TouchstoneError) -> Again:
    """Whether a line that failed with `error` is worth another try."""
    return next(AGAIN[kind] for kind in type(error).__mro__ if kind in AGAIN)


def failed(error: errors.TouchstoneError, request_id: str) -> LineAnswer:
    """The answer that `error` is: with its status if the caller can mend it, else an error without an answer."""
    row, again = row_of(error), again_of(error)
    if row.status < 500:
        return LineAnswer(row.status, orjson.dumps(object_of(error)), request_id, again=again)
    return LineAnswer(error=LineError(row.code, words_for_callers(error)), again=again, retry_after_s=row.retry_after_s)


def refused(refusal: Refusal, headers: Mapping[str, str], request_id: str) -> LineAnswer:
    """The answer that an engine's refusal is: the caller's to mend, or the engine's, which may pass."""
    if refusal.is_of_the_engine:
        answer = failed(refusal.as_error(), request_id)
    elif refusal.status in LATER:
        answer = LineAnswer(error=LineError(refusal.code, refusal.message), again=Again.WHEN_UP)
    else:
        row = Row(refusal.status, refusal.type, refusal.code)
        body = orjson.dumps(error_object(refusal.message, row, refusal.param))
        return LineAnswer(refusal.status, body, request_id)
    return LineAnswer(error=answer.error, again=answer.again, retry_after_s=_seconds(headers) or answer.retry_after_s)


def _seconds(headers: Mapping[str, str]) -> float | None:
    """A `retry-after` in seconds. One that is a date is left to our own waits."""
    told = headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 10 else None
