"""`tools/call`: from a tool's name and arguments to its result."""

from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from server.house import House
from server.mcp.arguments import ChatArguments, VerifyArguments, VerifyDocumentArguments
from server.mcp.chat_call import chat
from server.mcp.verify_call import verify
from server.validation import validated


async def call_tool(
    house: House, ctx: Any, params: types.CallToolRequestParams
) -> types.CallToolResult | types.InputRequiredResult:
    """Runs the tool that `params` name. Raises TouchstoneError, and MCPError where there is no such tool."""
    arguments = params.arguments or {}
    if params.name == "verify":
        return await verify(house, ctx, params, validated(arguments, VerifyArguments))
    if params.name == "verify_document":
        return await verify(house, ctx, params, validated(arguments, VerifyDocumentArguments))
    if params.name == "chat":
        return await chat(house, ctx, validated(arguments, ChatArguments))
    raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name}. There are verify, verify_document and chat.")
