"""`tools/call`: from a tool's name and arguments to its result."""

from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from server.house import House
from server.mcp.arguments import ChatArguments, VerifyArguments, VerifyDocumentArguments
from server.mcp.chat_call import chat
from server.mcp.verify_call import verify
from server.validation import validated
from tools.question import Question


async def call_tool(house: House, ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
    """Runs the tool that `params` name. Raises TouchstoneError, and MCPError where there is no such tool."""
    arguments = params.arguments or {}
    if params.name == "verify":
        plain = validated(arguments, VerifyArguments)
        question = Question(plain.prompt, plain.response)
        return await verify(house, ctx, question, plain.returnSearchResults)
    if params.name == "verify_document":
        given = validated(arguments, VerifyDocumentArguments)
        question = Question(given.prompt, given.response, given.documentContent)
        return await verify(house, ctx, question, given.returnSearchResults)
    if params.name == "chat":
        return await chat(house, ctx, validated(arguments, ChatArguments))
    raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name}. There are verify, verify_document and chat.")
