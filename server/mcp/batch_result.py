"""The results of the batch tools, each within what a client keeps of a result."""

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from inference.batches.batch import ENDED, Batch, Status
from inference.text.shorten import shorten
from server.wire.slim_result import SlimResult
from tools.batches import BatchPage

ERRORS_MAX = 20
"""Faults of an input file that are told; the batch in REST has all."""

ERROR_CHARS_MAX = 300

RESULTS_BYTES_MAX = 12_000
"""Of all results of a page as JSON: like claims they are carried twice, and clients cut at 25,000 tokens. What a model
or a stranger wrote may have as many tokens as bytes."""

URI = "touchstone://batch/"

EndpointName = Literal["/v1/chat/completions", "/v1/embeddings", "/v1/verify/reliability"]


class Counts(BaseModel):
    """Lines of a batch."""

    model_config = ConfigDict(extra="forbid")
    total: Annotated[int, Field(ge=0, description="0 until the input has been read.")]
    completed: Annotated[int, Field(ge=0)]
    failed: Annotated[int, Field(ge=0, description="Lines that got no answer.")]


class InputError(BaseModel):
    """What is wrong with the input."""

    model_config = ConfigDict(extra="forbid")
    line: Annotated[int, Field(description="From 1; 0 if it is about the whole.")]
    code: str
    message: str


class BatchResult(BaseModel):
    """Output of `batch_submit`, `batch_get` and `batch_cancel`."""

    model_config = ConfigDict(title="batch")
    id: str
    status: Status
    ended: Annotated[bool, Field(description="Whether nothing more will happen.")]
    endpoint: EndpointName
    request_counts: Counts
    errors: Annotated[list[InputError], Field(description="Why the input was refused, if it was.")]
    errors_omitted: Annotated[int, Field(ge=0)]
    input_file_id: str
    output_file_id: Annotated[str, Field(description="Empty before the end, and where nothing was answered.")]
    error_file_id: Annotated[str, Field(description="Empty before the end, and where nothing failed.")]
    created_at: Annotated[int, Field(description="Seconds since 1970, like expires_at.")]
    expires_at: int
    metadata: dict[str, str]
    resource: Annotated[str, Field(description="URI of the batch as a resource.")]
    next: Annotated[str, Field(description="What to call next.")]


class BatchResultsResult(BaseModel):
    """Output of `batch_results`."""

    model_config = ConfigDict(title="batch results")
    batch_id: str
    status: Status
    request_counts: Counts
    results: Annotated[list[SlimResult], Field(description="Lines without an answer first.")]
    has_more: Annotated[bool, Field(description="Whether there are more results now.")]
    next_cursor: Annotated[str, Field(description="Send it as cursor for what comes after; empty if nothing will.")]
    next: Annotated[str, Field(description="What to call next.")]


class BatchSummary(BaseModel):
    """A batch in a list."""

    model_config = ConfigDict(extra="forbid")
    id: str
    status: Status
    endpoint: EndpointName
    request_counts: Counts
    created_at: int


class BatchListResult(BaseModel):
    """Output of `batch_list`."""

    model_config = ConfigDict(title="batches")
    batches: Annotated[list[BatchSummary], Field(description="The newest first.")]
    has_more: bool
    next_after: Annotated[str, Field(description="Send it as after for older ones; empty if there are none.")]


def batch_result_json(batch: Batch) -> dict[str, Any]:
    """`BatchResult` as plain values."""
    errors = batch.errors[:ERRORS_MAX]
    return {
        "id": batch.id,
        "status": batch.status.value,
        "ended": batch.status in ENDED,
        "endpoint": batch.endpoint.value,
        "request_counts": counts_json(batch),
        "errors": [
            {"line": e.line or 0, "code": e.code, "message": shorten(e.message, ERROR_CHARS_MAX)} for e in errors
        ],
        "errors_omitted": len(batch.errors) - len(errors),
        "input_file_id": batch.input_file_id,
        "output_file_id": batch.output_file_id or "",
        "error_file_id": batch.error_file_id or "",
        "created_at": batch.created_at,
        "expires_at": batch.expires_at,
        "metadata": {name: str(value) for name, value in batch.metadata.items()},
        "resource": f"{URI}{batch.id}",
        "next": _next(batch),
    }


def batch_list_json(page: BatchPage) -> dict[str, Any]:
    """`BatchListResult` as plain values."""
    return {
        "batches": [
            {
                "id": batch.id,
                "status": batch.status.value,
                "endpoint": batch.endpoint.value,
                "request_counts": counts_json(batch),
                "created_at": batch.created_at,
            }
            for batch in page.batches
        ],
        "has_more": page.has_more,
        "next_after": page.batches[-1].id if page.has_more else "",
    }


def counts_json(batch: Batch) -> dict[str, int]:
    """`Counts` as plain values."""
    return {"total": batch.total, "completed": batch.completed, "failed": batch.failed}


def size_of(slim: dict[str, Any]) -> int:
    """The bytes that a result takes of RESULTS_BYTES_MAX."""
    return len(orjson.dumps(slim)) + 1


def _next(batch: Batch) -> str:
    if batch.status is Status.FAILED:
        return "Nothing was run: mend the lines that errors names, and call batch_submit again."
    if batch.status in ENDED:
        return "Call batch_results with this id; with only_failing it lists what does not hold."
    return "Call batch_get with this id and wait_s to wait for its end, or batch_results for what there is."
