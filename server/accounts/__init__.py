"""Who calls, what each may, and what each has used: keys, MCP tokens, plans, limits, usage."""
