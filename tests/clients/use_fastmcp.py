"""A program for the Python that has fastmcp: calls the server at its first argument, prints what it saw as JSON."""

import asyncio
import json
import sys
from typing import Any

from fastmcp import Client  # type: ignore[import-not-found]


async def main(url: str, key: str, arguments: dict[str, str]) -> dict[str, Any]:
    told: list[float] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append(done)

    async with Client(url, auth=key or None, progress_handler=progress) as client:
        tools = [tool.name for tool in await client.list_tools()]
        result = await client.call_tool("verify", arguments)
        blank = await client.call_tool("verify", {"prompt": "Is it?", "response": ""}, raise_on_error=False)
    return {"tools": tools, "body": result.structured_content, "told": told, "blank_is_error": blank.is_error}


if __name__ == "__main__":
    url, key, arguments = sys.argv[1:]
    print(json.dumps(asyncio.run(main(url, key, json.loads(arguments)))))
