"""Whose call it is."""

from typing import Any

from starlette.requests import Request

from server.accounts.caller import LOCAL, Caller
from server.accounts.visit import visit_of


def caller_of(ctx: Any) -> Caller:
    """Who calls: over HTTP whoever has sent this very request; over stdio the one person who started the process."""
    request = ctx.request
    return visit_of(request.scope).caller if isinstance(request, Request) else LOCAL
