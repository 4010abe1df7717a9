"""`tools/call`: from a tool's name and arguments to its result."""

from contextlib import aclosing
from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from server.counted import verify_counted
from server.house import House
from server.mcp.arguments import VerifyArguments, VerifyDocumentArguments
from server.mcp.outcome import success
from server.mcp.progress import Progress
from server.mcp.result import result_json
from server.validation import validated
from tools.question import MCP_FIELDS, Question
from tools.verification import Verification


async def call_tool(house: House, ctx: Any, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    """Runs the tool `name`. Raises TouchstoneError, and MCPError where there is no such tool."""
    if name == "verify":
        plain = validated(arguments, VerifyArguments)
        question = Question(plain.prompt, plain.response)
        return await _verify(house, ctx, question, plain.returnSearchResults)
    if name == "verify_document":
        given = validated(arguments, VerifyDocumentArguments)
        question = Question(given.prompt, given.response, given.documentContent)
        return await _verify(house, ctx, question, given.returnSearchResults)
    raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {name}. There are verify and verify_document.")


async def _verify(house: House, ctx: Any, question: Question, with_search_results: bool) -> types.CallToolResult:
    progress = Progress(ctx.session)
    async with aclosing(verify_counted(house, question, MCP_FIELDS)) as news:
        async for item in news:
            if isinstance(item, Verification):
                return success(result_json(question, item, with_search_results))
            await progress.hear(item)
    raise AssertionError("a stream of news ends with a Verification or with an error")
