"""The floors: the least that a Starlette route and an MCP SDK server cost on this machine."""
