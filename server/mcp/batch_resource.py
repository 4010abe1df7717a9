"""The resources `touchstone://batch/{id}` and `touchstone://batch/{id}/results`, for whoever may see the batch."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import mcp_types as types
import orjson
from mcp.shared.exceptions import MCPError

from inference.errors import TouchstoneError
from server.errors import INTERNAL_MESSAGE, row_of, words_for_callers
from server.house import House
from server.mcp.batch_arguments import RESULTS_MAX, BatchResultsArguments
from server.mcp.batch_calls import results_json
from server.mcp.batch_result import URI, batch_result_json
from server.observe.logs import log_fault
from server.where_listed import Surface

JSON = "application/json"

BATCH_TEMPLATES = (
    types.ResourceTemplate(
        uri_template=URI + "{id}",
        name="batch",
        title="A batch",
        description="State and counts of a batch.",
        mime_type=JSON,
    ),
    types.ResourceTemplate(
        uri_template=URI + "{id}/results{?cursor}",
        name="batch results",
        title="Results of a batch",
        description="A page of results, as the tool batch_results returns it.",
        mime_type=JSON,
    ),
)


async def read_batch(house: House, owner: str, uri: str) -> types.ReadResourceResult:
    """The resource at `uri`. Raises MCPError where there is none, and where it cannot be read now."""
    try:
        body = await _read(house, owner, uri)
    except TouchstoneError as error:
        code = types.INVALID_PARAMS if row_of(error).status < 500 else types.INTERNAL_ERROR
        raise MCPError(code, words_for_callers(error, Surface.MCP), {"uri": uri}) from error
    except MCPError:
        raise
    except Exception as error:  # the SDK would send the fault's text to the caller
        log_fault(error, where="resource")
        raise MCPError(types.INTERNAL_ERROR, INTERNAL_MESSAGE, {"uri": uri}) from error
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type=JSON, text=text)])


async def _read(house: House, owner: str, uri: str) -> dict[str, Any]:
    split = urlsplit(uri)
    batch_id, slash, rest = split.path.lstrip("/").partition("/")
    if not slash:
        return batch_result_json(await house.batches.get(owner, batch_id))
    if rest != "results":
        raise MCPError(types.INVALID_PARAMS, f"no resource {uri}; there is {URI}{{id}} and {URI}{{id}}/results")
    cursor = parse_qs(split.query).get("cursor", [""])[0]
    asked = BatchResultsArguments(batch_id=batch_id, cursor=cursor, limit=RESULTS_MAX)
    return await results_json(house, owner, asked)
