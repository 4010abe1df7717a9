"""A call of `verify` or `verify_document`: the news of the verification as progress, its end as the result."""

from contextlib import aclosing
from typing import Any

import mcp_types as types

from server.counted import verify_counted
from server.house import House
from server.mcp.outcome import success
from server.mcp.progress import progress_of
from server.mcp.result import result_json
from tools.question import MCP_FIELDS, Question
from tools.verification import Verification


async def verify(house: House, ctx: Any, question: Question, with_search_results: bool) -> types.CallToolResult:
    """The result. Raises what a verification raises."""
    news = verify_counted(house, question, MCP_FIELDS)
    async with progress_of(ctx, "judging") as progress, aclosing(news):
        async for item in news:
            if isinstance(item, Verification):
                return success(result_json(question, item, with_search_results))
            await progress.hear(item)
    raise AssertionError("a stream of news ends with a Verification or with an error")
