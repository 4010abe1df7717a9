"""The shapes of `/v1/batches`: the reference's and OpenAI's.

Times are whole seconds since 1970, and null where nothing has happened yet.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, WithJsonSchema

from inference.batches.batch import Batch, BatchError, Endpoint, Status
from inference.usage.token_usage import TokenUsage
from server.wire.paging import list_json
from server.wire.whole_number import WholeNumber
from tools.batches import (
    METADATA_KEY_CHARS_MAX,
    METADATA_PAIRS_MAX,
    METADATA_VALUE_CHARS_MAX,
    BatchPage,
)
from tools.files import EXPIRES_AFTER_MAX_S, EXPIRES_AFTER_MIN_S

Priority = Literal["low", "normal", "high"]
PRIORITIES: dict[Priority | None, int] = {"low": -1, "normal": 0, None: 0, "high": 1}

UNKNOWN = -1
"""What the reference answers where it does not know a number of pages."""

# Published, and checked elsewhere (`tools/batches.py`), where an error can say more than a schema could.
_MINUTES = "([1-9][0-9]{0,3}|1[0-9]{4}|20(0[0-9]{2}|1[0-5][0-9]|160))m"
_HOURS = "([1-9][0-9]?|[12][0-9]{2}|3([0-2][0-9]|3[0-6]))h"
_DAYS = "([1-9]|1[0-4])d"
_WINDOW = {"pattern": f"^({_MINUTES}|{_HOURS}|{_DAYS})$"}
_METADATA = {
    "anyOf": [
        {
            "type": "object",
            "maxProperties": METADATA_PAIRS_MAX,
            "propertyNames": {"minLength": 1, "maxLength": METADATA_KEY_CHARS_MAX},
            "additionalProperties": {"type": "string", "maxLength": METADATA_VALUE_CHARS_MAX},
        },
        {"type": "null"},
    ]
}
_SECONDS = {"minimum": EXPIRES_AFTER_MIN_S, "maximum": EXPIRES_AFTER_MAX_S}

_TIMES = (
    "created_at",
    "in_progress_at",
    "expires_at",
    "finalizing_at",
    "completed_at",
    "failed_at",
    "expired_at",
    "cancelling_at",
    "cancelled_at",
)


class OutputExpiresAfter(BaseModel):
    """When the output and error files expire."""

    anchor: Literal["created_at"]
    seconds: Annotated[WholeNumber, Field(description="After the files are made.", json_schema_extra=_SECONDS)]


class BatchRequest(BaseModel):
    """Body of `POST /v1/batches`."""

    input_file_id: Annotated[
        StrictStr,
        Field(min_length=1, description="A file with a request in each line, uploaded for the purpose batch."),
    ]
    endpoint: Annotated[
        StrictStr, Field(description="What every line of the file asks.", json_schema_extra={"enum": list(Endpoint)})
    ]
    completion_window: Annotated[
        StrictStr,
        Field(
            description="Minutes, hours or days, up to 14 days. What is not answered by then expires.",
            json_schema_extra=_WINDOW,
        ),
    ] = "24h"
    metadata: Annotated[
        dict[str, Any] | None,
        WithJsonSchema(_METADATA),
        Field(description="Up to 16 texts of your own under names of your own."),
    ] = None
    output_expires_after: OutputExpiresAfter | None = None
    priority: Annotated[Priority | None, Field(description="Before which of your other batches it goes.")] = "normal"


class BatchErrorBody(BaseModel):
    """What is wrong with the input file. `line` counts from 1."""

    model_config = ConfigDict(extra="forbid")
    code: str
    message: str
    param: str | None
    line: int | None


class BatchErrorsBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    object: Literal["list"]
    data: list[BatchErrorBody]


class RequestCounts(BaseModel):
    """How many of the requests have been answered, and how many have failed for good."""

    model_config = ConfigDict(extra="forbid")
    total: Annotated[int, Field(ge=0)]
    completed: Annotated[int, Field(ge=0)]
    failed: Annotated[int, Field(ge=0)]


class InputTokensDetails(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cached_tokens: int


class OutputTokensDetails(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reasoning_tokens: int


class BatchUsage(BaseModel):
    """Tokens of all answers so far."""

    model_config = ConfigDict(extra="forbid")
    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int


class BatchBody(BaseModel):
    """OpenAI's batch. `priority` is ours."""

    model_config = ConfigDict(extra="forbid")
    id: str
    object: Literal["batch"]
    endpoint: Endpoint
    model: Annotated[str | None, Field(description="That of all requests; null if they name several, or are not read.")]
    errors: BatchErrorsBody | None
    input_file_id: str
    completion_window: str
    status: Status
    output_file_id: str | None
    error_file_id: str | None
    created_at: int
    in_progress_at: int | None
    expires_at: int
    finalizing_at: int | None
    completed_at: int | None
    failed_at: int | None
    expired_at: int | None
    cancelling_at: int | None
    cancelled_at: int | None
    request_counts: RequestCounts
    usage: BatchUsage
    metadata: dict[str, str]
    priority: Priority


class BatchListBody(BaseModel):
    """The newest first. `count` and what follows it are the reference's; -1 stands for what is not known."""

    model_config = ConfigDict(extra="forbid")
    object: Literal["list"]
    data: list[BatchBody]
    first_id: str | None
    last_id: str | None
    has_more: bool
    count: int
    page: int
    page_count: int
    items_per_page: int


def batch_json(batch: Batch) -> dict[str, Any]:
    """`BatchBody` as plain values."""
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.endpoint.value,
        "model": batch.model,
        "errors": _errors_json(batch.errors),
        "input_file_id": batch.input_file_id,
        "completion_window": batch.completion_window,
        "status": batch.status.value,
        "output_file_id": batch.output_file_id,
        "error_file_id": batch.error_file_id,
        **{name: getattr(batch, name) for name in _TIMES},
        "request_counts": {"total": batch.total, "completed": batch.completed, "failed": batch.failed},
        "usage": _usage_json(batch.tokens),
        "metadata": dict(batch.metadata),
        "priority": _priority_name(batch.priority),
    }


def batch_list_json(page: BatchPage, *, limit: int, is_first: bool) -> dict[str, Any]:
    """`BatchListBody` as plain values."""
    return list_json([batch_json(batch) for batch in page.batches], has_more=page.has_more) | {
        "count": len(page.batches),
        "page": 1 if is_first else UNKNOWN,
        "page_count": UNKNOWN,
        "items_per_page": limit,
    }


def _priority_name(priority: int) -> Priority:
    if priority == 0:
        return "normal"
    return "high" if priority > 0 else "low"


def _errors_json(errors: Sequence[BatchError]) -> dict[str, Any] | None:
    if not errors:
        return None
    found = [{"code": e.code, "message": e.message, "param": e.param, "line": e.line} for e in errors]
    return {"object": "list", "data": found}


def _usage_json(tokens: TokenUsage) -> dict[str, Any]:
    return {
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cached},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + tokens.output,
    }
