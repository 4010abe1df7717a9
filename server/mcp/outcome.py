"""How a tool call ends: with a result, or with a failure in words that its model can act on."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import mcp_types as types
import orjson
from mcp.shared.exceptions import MCPError

from inference.errors import BadInput, StorageError, TouchstoneError
from server.errors import retry_after_of, row_of, words_for_callers
from server.observe.logs import log_fault
from server.where_listed import Surface

ResultT = TypeVar("ResultT", bound=types.Result)


async def result_of(call: Coroutine[Any, Any, ResultT]) -> ResultT | types.CallToolResult:
    """What `call` returns, or its failure as a result."""
    try:
        return await call
    except TouchstoneError as error:
        return _failure(error)
    except MCPError:
        raise
    except Exception as error:  # noqa: BLE001  the SDK would send the fault's text to the caller, with whatever is in it
        log_fault(error, where="tool")
        return _failure(TouchstoneError("something went wrong inside the server; its log has the details."))


def success(body: dict[str, Any], is_error: bool = False) -> types.CallToolResult:
    """`body` as the result of a tool. With `is_error` it tells of a failure beside what was reached."""
    # The specification asks for the structured content as text too, for clients that read only text.
    text = types.TextContent(type="text", text=orjson.dumps(body).decode())
    return types.CallToolResult(content=[text], structured_content=body, is_error=is_error)


def words_of(error: TouchstoneError) -> str:
    """What went wrong, whether it is worth trying again, and that there is no verdict."""
    row = row_of(error)
    again_s = retry_after_of(error)
    is_said = again_s is not None and f"try again in {again_s} s" in error.message.lower()
    again = f" Worth trying again in {again_s} s." if again_s and not is_said else ""
    told = isinstance(error, BadInput | StorageError)  # there was no response to reach a verdict on
    advice = "" if told else " No verdict was reached: do not treat the response as verified."
    return f"{row.code}: {words_for_callers(error, Surface.MCP)}{again}{advice}"


def _failure(error: TouchstoneError) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=words_of(error))], is_error=True)
