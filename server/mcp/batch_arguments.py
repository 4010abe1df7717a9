"""The arguments of the batch tools. Flat, like those of the others."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from inference.batches.batch import Endpoint
from tools.batches import PAGE_MAX

INLINE_LINES_MAX = 1_000
"""Lines in a call: more than a model writes, and a file is uploaded in one piece."""

WAIT_MAX_S = 50
"""Seconds that a call of batch_get waits: clients give a call up after 60 s without a word."""

RESULTS_MAX = 200
"""Results in one answer, if they are that short."""

BatchId = Annotated[StrictStr, Field(description="Id of the batch, as batch_submit gave it.")]


class BatchLine(BaseModel):
    """An answer to verify, or any request in the form of a line of a batch file.

    It takes no other fields: a document under another name would be dropped, and the answer checked without it.
    """

    model_config = ConfigDict(extra="forbid")
    prompt: Annotated[StrictStr, Field(description="What was asked.")] = ""
    response: Annotated[StrictStr, Field(description="The answer to verify, in full.")] = ""
    document: Annotated[StrictStr, Field(description="A document; if given, only it counts as evidence.")] = ""
    custom_id: Annotated[StrictStr, Field(description="Your name for this line; line-1, line-2... if left out.")] = ""
    body: Annotated[
        dict[str, Any], Field(description="In place of prompt and response: the body of a request to endpoint.")
    ] = {}
    method: Annotated[StrictStr, Field(description="With body; POST.")] = "POST"
    url: Annotated[StrictStr, Field(description="With body; that of the endpoint.")] = ""


class BatchSubmitArguments(BaseModel):
    """Arguments of `batch_submit`."""

    model_config = ConfigDict(title="batch_submit")
    lines: Annotated[
        list[BatchLine], Field(description=f"Up to {INLINE_LINES_MAX:,} lines. Give these or file_id.")
    ] = []
    file_id: Annotated[
        StrictStr, Field(description="Id of a file uploaded with POST /v1/files for purpose batch. Give this or lines.")
    ] = ""
    endpoint: Annotated[
        StrictStr,
        Field(
            description="What the lines ask. Lines with prompt and response are verified.",
            json_schema_extra={"enum": [endpoint.value for endpoint in Endpoint]},
        ),
    ] = Endpoint.VERIFY.value
    completion_window: Annotated[
        StrictStr, Field(description="Minutes, hours or days after which what is not done is given up, such as 24h.")
    ] = "24h"
    metadata: Annotated[dict[str, StrictStr], Field(description="Up to 16 names and texts of your own.")] = {}


class BatchGetArguments(BaseModel):
    """Arguments of `batch_get`."""

    model_config = ConfigDict(title="batch_get")
    batch_id: BatchId
    wait_s: Annotated[
        StrictInt, Field(ge=0, le=WAIT_MAX_S, description="Seconds to wait for the batch to end; 0 answers at once.")
    ] = 0


class BatchResultsArguments(BaseModel):
    """Arguments of `batch_results`."""

    model_config = ConfigDict(title="batch_results")
    batch_id: BatchId
    cursor: Annotated[StrictStr, Field(description="next_cursor of the answer before; leave it out to begin.")] = ""
    limit: Annotated[StrictInt, Field(ge=1, le=RESULTS_MAX, description="Results at most; fewer if they are long.")] = (
        50
    )
    only_failing: Annotated[
        bool, Field(description="Leave out what is supported: only hallucinations, and lines without an answer.")
    ] = False


class BatchListArguments(BaseModel):
    """Arguments of `batch_list`."""

    model_config = ConfigDict(title="batch_list")
    limit: Annotated[StrictInt, Field(ge=1, le=PAGE_MAX, description="Batches at most.")] = 20
    after: Annotated[StrictStr, Field(description="Id of the last batch of the answer before.")] = ""


class BatchCancelArguments(BaseModel):
    """Arguments of `batch_cancel`."""

    model_config = ConfigDict(title="batch_cancel")
    batch_id: BatchId
