"""`/v1/usage`: what the caller's key has used, by day and model; for an administrator, what every key has."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import BadInput
from inference.usage.usage_records import Chosen
from server.accounts.accounts import Accounts
from server.accounts.caller import Caller, Role
from server.accounts.key_records import no_key
from server.accounts.visit import visit_of
from server.errors import JSON
from server.house import House
from server.wire.paging import after_of, check_query, limit_of, one_of_query
from server.wire.usage import day_in, place_of, usage_list_json
from server.wire.verification import canonical

PAGE_DEFAULT = 100
PAGE_MAX = 1_000

PARAMETERS = ("start", "end", "model", "key_id", "limit", "after")


async def get_usage(request: Request) -> Response:
    """What was gathered is written before, so that a caller sees his own last request."""
    house: House = request.app.state.house
    check_query(request, PARAMETERS)
    limit, after = limit_of(request, PAGE_DEFAULT, PAGE_MAX), after_of(request)
    chosen = await _chosen(request, house.accounts)
    place = place_of(after) if after else None
    await house.accounts.meter.write()
    rows = await house.accounts.usage.page(chosen, after=place, limit=limit + 1)
    return Response(orjson.dumps(usage_list_json(rows[:limit], has_more=len(rows) > limit)), media_type=JSON)


async def _chosen(request: Request, accounts: Accounts) -> Chosen:
    """Raises BadInput, NotFound for a key that the caller may not see, and StoreUnavailable."""
    start, end = _day_of(request, "start"), _day_of(request, "end")
    if start is not None and end is not None and start > end:
        raise BadInput(f"start: {start} comes after end, which is {end}", "start")
    model = one_of_query(request, "model")
    key_id = await _key_of(visit_of(request.scope).caller, one_of_query(request, "key_id"), accounts)
    return Chosen(start, end, key_id, None if model is None else canonical(model))


def _day_of(request: Request, name: str) -> str | None:
    text = one_of_query(request, name)
    return None if text is None else day_in(text, name)


async def _key_of(caller: Caller, asked: str | None, accounts: Accounts) -> str | None:
    """Whose usage is asked for; None: everybody's. Another's id is, to all but an administrator, one that never was."""
    if caller.role is not Role.ADMIN:
        if asked is not None and asked != caller.key_id:
            raise no_key(asked)
        return caller.key_id
    if asked is not None and not await accounts.usage.has(asked):
        await accounts.keys.get(asked)
    return asked
