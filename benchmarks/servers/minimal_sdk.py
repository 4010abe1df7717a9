"""The least MCP server that the official SDK makes: stateless, low-level, one tool that answers a fixed result.

`python -m benchmarks.servers.minimal_sdk PORT FILE`; FILE holds the structured content to answer with. It is built
into a result for each call, structure and text, as the specification asks and as Touchstone does. `/json` answers
JSON, `/events` server-sent events. The tool publishes no schema, and host and origin are not checked: this is a floor.
"""

import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.servers.serving import serve

BODY_BYTES_MAX = 32 * 1024 * 1024  # Touchstone's default; the SDK's own would refuse the large document
TOOL = types.Tool(name="verify", input_schema={"type": "object"})


def main(port: int, structure: dict[str, Any]) -> None:
    async def list_tools(ctx: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[TOOL])

    async def call_tool(ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        text = json.dumps(structure, separators=(",", ":"), ensure_ascii=False)
        return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=structure)

    async def ready(request: Request) -> Response:
        return Response()

    server: Server[Any] = Server("minimal", on_list_tools=list_tools, on_call_tool=call_tool)
    as_json = StreamableHTTPSessionManager(
        server, json_response=True, stateless=True, max_request_body_size=BODY_BYTES_MAX
    )
    as_events = StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=BODY_BYTES_MAX)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with as_json.run(), as_events.run():
            yield

    routes = [
        Route("/json", StreamableHTTPASGIApp(as_json), methods=["POST"]),
        Route("/events", StreamableHTTPASGIApp(as_events), methods=["POST"]),
        Route("/ready", ready),
    ]
    serve(Starlette(routes=routes, lifespan=lifespan), port)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_bytes()))
