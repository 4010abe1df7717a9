"""Whose call it is."""

from typing import Any

from starlette.requests import Request

from server.accounts.caller import LOCAL, Caller
from server.accounts.visit import Visit, visit_of
from server.house import House


async def visit_of_call(house: House, ctx: Any, model: str) -> Visit:
    """The visit that the call is, which is counted as one that `model` is asked: of a request its own, over stdio a new
    one. Raises what `Visit.enter` raises."""
    request = ctx.request
    visit = visit_of(request.scope) if isinstance(request, Request) else house.accounts.visit(LOCAL)
    if not visit.has_entered:
        await visit.be_admitted(model)
    visit.count(model)
    return visit


def caller_of(ctx: Any) -> Caller:
    """Who calls: over HTTP whoever has sent this very request; over stdio the one person who started the process."""
    request = ctx.request
    return visit_of(request.scope).caller if isinstance(request, Request) else LOCAL
