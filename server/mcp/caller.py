"""Whose call it is."""

from typing import Any

from starlette.requests import Request

from server.accounts.caller import LOCAL, Caller
from server.accounts.visit import Visit, visit_of
from server.house import House


async def visit_of_call(house: House, ctx: Any, model: str) -> Visit:
    """The visit that the call is, which is counted as one that `model` is asked: of a request its own, over stdio a new
    one. Raises what `Visit.enter` raises."""
    visit = visit_over_http(ctx) or house.accounts.visit(LOCAL)
    if not visit.has_entered:
        await visit.be_admitted(model)
    visit.count(model)
    return visit


def caller_of(ctx: Any) -> Caller:
    """Who calls: over HTTP whoever has sent this very request; over stdio the one person who started the process."""
    visit = visit_over_http(ctx)
    return visit.caller if visit else LOCAL


def visit_over_http(ctx: Any) -> Visit | None:
    """The visit that the request is which has brought the call; None over stdio."""
    request = ctx.request
    return visit_of(request.scope) if isinstance(request, Request) else None
