"""MCP over streamable HTTP."""

import contextlib
import sys
from collections.abc import AsyncIterator

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from server.house import House
from server.http.disconnect import unless_client_leaves
from server.mcp.entering import enter
from server.mcp.message import checked
from server.mcp.protocol import build_mcp


class McpEndpoint:
    """ASGI application: streamable HTTP for every revision that the SDK serves, in JSON or as events."""

    def __init__(self, house: House) -> None:
        self._house = house
        server = build_mcp(house)
        # Host and Origin are checked before, for MCP and REST alike, and so is the body's size: our message names the
        # limit and the setting. The SDK insists on a limit of its own.
        self._json = StreamableHTTPSessionManager(
            server, json_response=True, stateless=True, max_request_body_size=sys.maxsize
        )
        self._events = StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=sys.maxsize)

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Serves until left. Once per instance."""
        async with self._json.run(), self._events.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        message = checked(body, request.headers.get("content-type", ""))
        if isinstance(message, Response):
            await message(scope, receive, send)
            return
        await enter(self._house, scope, message)  # a stream begins before a tool is called
        if "text/event-stream" in request.headers.get("accept", ""):
            await self._events.handle_request(scope, _again(body, receive), send)
        else:
            # The SDK watches for the client's leaving in a stream alone. Who has left needs no answer.
            with contextlib.suppress(ClientDisconnect):
                await unless_client_leaves(request, self._json.handle_request(scope, _again(body, receive), send))


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, and then what `receive` gives."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
