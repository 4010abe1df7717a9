"""MCP over standard input and output."""

from mcp.server.stdio import stdio_server

from server.house import House
from server.mcp.protocol import build_mcp


async def serve_stdio(house: House) -> None:
    """Serves one client until it closes its end."""
    server = build_mcp(house)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
