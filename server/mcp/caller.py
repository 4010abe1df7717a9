"""Whose call it is."""

from typing import Any

from starlette.requests import Request

from server.access import NO_KEYS_OWNER, owner_of


def caller_of(ctx: Any) -> str:
    """The owner whose files and batches the call may see: over HTTP that of the key, which came with this very
    request; over stdio the one person who started the process."""
    request = ctx.request
    return owner_of(request.scope) if isinstance(request, Request) else NO_KEYS_OWNER
