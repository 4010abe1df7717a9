"""MCP over standard input and output."""

from mcp.server.stdio import stdio_server

from server.house import House
from server.mcp.opening import opening_when_asked
from server.mcp.protocol import build_mcp


async def serve_stdio(house: House) -> None:
    """Serves one client until it closes its end."""
    async with opening_when_asked(house) as opening, stdio_server() as (read, write):
        server = build_mcp(house, opening)
        await server.run(read, write, server.create_initialization_options())
