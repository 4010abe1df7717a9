"""`GET /v1/mcp/status`, `POST /v1/mcp/enable`, `POST /v1/mcp/disable`: the MCP token of a key, the reference's shapes.

No body is needed, and none is read.
"""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from server.access import header, key_of
from server.accounts.accounts import Accounts
from server.accounts.caller import Caller, Role
from server.accounts.visit import visit_of
from server.errors import JSON
from server.house import House
from server.http.listening import url_of
from server.http.public_address import asked_url, mcp_url

DISABLED = {"enabled": False, "url": "", "apiKey": ""}


async def mcp_status(request: Request) -> Response:
    caller, text = _who(request)
    token = await _accounts(request).tokens.shown(caller.key_id, text)
    return _answer({"enabled": True, "url": _url(request), "apiKey": token} if token else DISABLED)


async def enable_mcp(request: Request) -> Response:
    caller, text = _who(request)
    token = await _accounts(request).tokens.enable(caller.key_id, text)
    _accounts(request).keyring.look_anew()
    return _answer({"enabled": True, "url": _url(request), "token": token})


async def disable_mcp(request: Request) -> Response:
    caller, _ = _who(request)
    await _accounts(request).tokens.disable(caller.key_id)
    _accounts(request).keyring.look_anew()
    return _answer(DISABLED)


def _who(request: Request) -> tuple[Caller, str]:
    """The caller, and the text that its token is made of: that of its key, and none of whoever needs no key."""
    caller = visit_of(request.scope).caller
    return caller, "" if caller.role is Role.LOCAL else key_of(request.scope)


def _url(request: Request) -> str:
    house: House = request.app.state.house
    if house.settings.public_url:
        return mcp_url(house.settings.public_url)
    host, port = request.scope.get("server") or (house.settings.host, house.settings.port)
    return mcp_url(asked_url(request.scope["scheme"], header(request.scope, b"host"), url_of(host, port)))


def _accounts(request: Request) -> Accounts:
    house: House = request.app.state.house
    return house.accounts


def _answer(body: dict[str, Any]) -> Response:
    """Which nobody on the way keeps: there is a token in it."""
    return Response(orjson.dumps(body), headers={"cache-control": "no-store"}, media_type=JSON)
