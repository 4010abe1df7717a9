"""The one table from our errors to the wire, and OpenAI's error object.

`{"error": {"message", "type", "param", "code"}}` is the only shape that OpenAI's SDK shows to its user. The same rows
serve MCP: there the text goes into an `isError` result, and the code in front of it.
"""

import logging
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from inference import errors
from server.observe.logs import log_action
from server.where_listed import Surface, in_words_of

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Row:
    """How one error goes out. `retry_after_s` is sent where trying again soon makes sense."""

    status: int
    type: str
    code: str
    retry_after_s: int | None = None


class BodyTimeout(errors.BadInput):
    """A request body did not arrive in time. Known to the server alone, so it hangs off the tree here."""


class RangeNotSatisfiable(errors.BadInput):
    """Not one of the bytes that are asked for is there. Known to the server alone, like BodyTimeout."""


class RateLimited(errors.TouchstoneError):
    """The key has used up what its plan allows for now. Known to the server alone, like BodyTimeout."""

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SamplingRefused(errors.JudgeError):
    """An MCP client did not let its own model judge. Known to the server alone, like BodyTimeout."""


TABLE: dict[type[errors.TouchstoneError], Row] = {
    errors.TooLarge: Row(413, "invalid_request_error", "too_large"),
    BodyTimeout: Row(408, "invalid_request_error", "body_timeout"),
    RangeNotSatisfiable: Row(416, "invalid_request_error", "range_not_satisfiable"),
    errors.BadInput: Row(400, "invalid_request_error", "invalid_input"),
    errors.ModelNotFound: Row(404, "invalid_request_error", "model_not_found"),
    errors.ContextTooLong: Row(400, "invalid_request_error", "context_length_exceeded"),
    errors.NotFound: Row(404, "invalid_request_error", "not_found"),
    errors.WrongState: Row(400, "invalid_request_error", "wrong_state"),
    errors.SearchFailed: Row(503, "evidence_error", "search_failed", 30),
    errors.CorpusEmpty: Row(503, "evidence_error", "corpus_empty"),
    errors.CorpusUnreadable: Row(503, "evidence_error", "corpus_unreadable"),
    errors.EvidenceUnavailable: Row(503, "evidence_error", "evidence_unavailable", 30),
    errors.EvidenceError: Row(503, "evidence_error", "evidence_error"),
    errors.JudgeUnavailable: Row(503, "judge_error", "judge_unavailable", 5),
    errors.JudgeUnreadable: Row(502, "judge_error", "judge_unreadable"),
    SamplingRefused: Row(502, "judge_error", "sampling_refused"),
    errors.JudgeError: Row(503, "judge_error", "judge_error"),
    errors.EngineUnavailable: Row(503, "engine_error", "engine_unavailable", 5),
    errors.EngineUnreadable: Row(502, "engine_error", "engine_unreadable"),
    errors.EngineError: Row(503, "engine_error", "engine_error", 5),
    errors.EncoderUnavailable: Row(503, "server_error", "encoder_unavailable"),
    errors.StoreUnavailable: Row(503, "server_error", "store_unavailable", 5),
    errors.BlobsUnavailable: Row(503, "server_error", "blobs_unavailable", 5),
    errors.StorageError: Row(503, "server_error", "storage_error", 5),
    RateLimited: Row(429, "requests", "rate_limit_exceeded"),  # OpenAI's own words
    errors.Overloaded: Row(503, "server_error", "overloaded", 1),
    errors.DeadlineExceeded: Row(504, "server_error", "deadline_exceeded"),
    errors.PlanNotFound: Row(403, "invalid_request_error", "plan_not_found"),
    errors.SettingsError: Row(500, "server_error", "settings_error"),
    errors.TouchstoneError: Row(500, "server_error", "internal_error"),
}

STOPPING = Row(503, "server_error", "stopping", 5)
STOPPING_MESSAGE = (
    "the server is being stopped, and this took longer than it waits (TOUCHSTONE_STOP_TIMEOUT_S); try again"
)

INTERNAL = Row(500, "server_error", "internal_error")
INTERNAL_MESSAGE = "something went wrong inside the server; its log has the details under this request id"


def row_of(error: errors.TouchstoneError) -> Row:
    """The row of the error's class or of its nearest ancestor. Total, since the root has a row."""
    return next(TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)


def retry_after_of(error: errors.TouchstoneError) -> int | None:
    """After how many seconds it is worth trying again: what the error itself knows, or what its row says."""
    return error.retry_after_s if isinstance(error, RateLimited) else row_of(error).retry_after_s


def error_object(message: str, row: Row, param: str | None = None) -> dict[str, Any]:
    """OpenAI's error object."""
    return {"error": {"message": message, "type": row.type, "param": param, "code": row.code}}


def words_for_callers(error: errors.TouchstoneError, surface: Surface = Surface.REST) -> str:
    """What callers read of one of our errors. What they do not read, where things are kept, goes into the log."""
    if not isinstance(error, errors.StorageError):
        return in_words_of(surface, error)
    log_action("storage_failed", logging.WARNING, reason=error.message)
    return error.told


def object_of(error: errors.TouchstoneError) -> dict[str, Any]:
    """The error object of one of our errors."""
    return error_object(words_for_callers(error), row_of(error), getattr(error, "param", None))


def error_response(message: str, row: Row, param: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """A response that carries the error object."""
    sent = dict(headers or {})
    if row.retry_after_s is not None:
        sent.setdefault("retry-after", str(row.retry_after_s))
    return Response(orjson.dumps(error_object(message, row, param)), row.status, sent, JSON)


def response_of(error: errors.TouchstoneError, headers: dict[str, str] | None = None) -> Response:
    """The response for one of our errors."""
    if isinstance(error, RateLimited):
        headers = {"retry-after": str(error.retry_after_s)} | (headers or {})
    return error_response(words_for_callers(error), row_of(error), getattr(error, "param", None), headers)
