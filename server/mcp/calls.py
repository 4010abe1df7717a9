"""`tools/call`: from a tool's name and arguments to its result."""

from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from inference.errors import BadInput
from server.accounts.usage_meter import Opening
from server.house import House
from server.mcp.arguments import ChatArguments, VerifyArguments, VerifyDocumentArguments
from server.mcp.batch_arguments import (
    BatchCancelArguments,
    BatchGetArguments,
    BatchListArguments,
    BatchResultsArguments,
    BatchSubmitArguments,
)
from server.mcp.batch_calls import batch_cancel, batch_get, batch_list, batch_results, batch_submit
from server.mcp.chat_call import chat
from server.mcp.entering import check_entered
from server.mcp.verify_call import verify
from server.wire.validation import stray_document, validated

NAMES = (
    "verify",
    "verify_document",
    "chat",
    "batch_submit",
    "batch_get",
    "batch_results",
    "batch_list",
    "batch_cancel",
)


async def call_tool(
    house: House, ctx: Any, params: types.CallToolRequestParams, open_storage: Opening
) -> types.CallToolResult | types.InputRequiredResult:
    """Runs the tool that `params` name. Raises TouchstoneError, and MCPError where there is no such tool."""
    check_entered(ctx)
    arguments = params.arguments or {}
    if params.name == "verify":
        if name := stray_document(arguments):
            raise BadInput(f"verify takes no {name}; call verify_document with documentContent.", name)
        return await verify(house, ctx, params, validated(arguments, VerifyArguments))
    if params.name == "verify_document":
        return await verify(house, ctx, params, validated(arguments, VerifyDocumentArguments))
    if params.name == "chat":
        return await chat(house, ctx, validated(arguments, ChatArguments))
    if params.name in NAMES:
        await open_storage()
        return await _of_batches(house, ctx, params.name, arguments)
    raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name}. There are {', '.join(NAMES)}.")


async def _of_batches(house: House, ctx: Any, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    match name:
        case "batch_submit":
            return await batch_submit(house, ctx, validated(arguments, BatchSubmitArguments))
        case "batch_get":
            return await batch_get(house, ctx, validated(arguments, BatchGetArguments))
        case "batch_results":
            return await batch_results(house, ctx, validated(arguments, BatchResultsArguments))
        case "batch_cancel":
            return await batch_cancel(house, ctx, validated(arguments, BatchCancelArguments))
        case _:
            return await batch_list(house, ctx, validated(arguments, BatchListArguments))
