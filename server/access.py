"""Who may come in: the host name a request came under, the web origin it came from, and its key.

Without keys the server listens on loopback alone, and a web page that a user happens to visit could still reach it
through the user's browser. The Host check stops DNS rebinding, the Origin check stops cross-site calls (MCP
specification, Streamable HTTP, "Security Warning").
"""

from typing import cast
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from inference.errors import StorageError, StoreUnavailable, TouchstoneError
from server.accounts.accounts import Accounts
from server.accounts.caller import LOCAL, Caller
from server.accounts.doors import MCP_PATHS, MODEL_PATHS, Door, door_of, why_not
from server.accounts.key_text import is_ours
from server.accounts.refused_key import NO_KEY, NO_KEY_OR_TOKEN, why_none, why_unknown
from server.accounts.visit import VISIT, Visit
from server.errors import Row, error_response, response_of
from server.http.cors import for_allowed_origins
from server.limited_answer import LimitedAnswer
from server.settings import Settings, is_loopback

_BAD_HOST = Row(421, "invalid_request_error", "host_not_allowed")
_BAD_ORIGIN = Row(403, "invalid_request_error", "origin_not_allowed")
_NO_KEY = Row(401, "invalid_request_error", "missing_api_key")
_WRONG_KEY = Row(401, "invalid_request_error", "invalid_api_key")
_WRONG_MCP_KEY = Row(403, "invalid_request_error", "invalid_api_key")

_NOT_TOLD = "the database of keys cannot be asked now, so this key cannot be told from others; try again later"


class Gate:
    """ASGI middleware that lets a request through, as a `Visit` of its caller, or answers why not."""

    def __init__(self, app: ASGIApp, settings: Settings, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts
        self._keyring = accounts.keyring
        self._hosts = frozenset(map(_allowed_host, settings.allowed_hosts))
        self._origins = frozenset(map(_plain_origin, settings.allowed_origins))
        self._with_cors = for_allowed_origins(self._enter)
        # Behind keys a rebound page gets nothing, so the host name only matters where there are none, or where asked.
        self._check_hosts = not settings.needs_keys or bool(self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host, origin = header(scope, b"host"), header(scope, b"origin")
        refusal = self._refuse_place(host, origin)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif origin:
            await self._with_cors(scope, receive, send)
        else:
            await self._enter(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = door_of(scope["path"])
        who = LOCAL if door is Door.OPEN else await self._who(scope, door)
        if isinstance(who, Response):
            await who(scope, receive, send)
            return
        visit = self._accounts.visit(who)
        scope[VISIT] = visit
        app = self._app if (refused := why_not(door, who)) is None else error_response(*refused)
        if who.plan is None:
            await app(scope, receive, send)
        else:
            await self._within_limits(app, visit, scope, receive, send)

    async def _within_limits(self, app: ASGIApp, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        """Has `app` answer, if the plan allows it, and tells of the plan's limits in the answer."""
        # A client has to be able to connect, or it could not show what a tool says about the limits.
        is_mcp = scope["path"] in MCP_PATHS
        answer = LimitedAnswer(visit, is_mcp, scope, receive, send)
        try:
            if not is_mcp and scope["path"] not in MODEL_PATHS:
                try:
                    await visit.enter(None)
                except TouchstoneError as error:
                    await answer.refuse(error)
                    return
            await app(scope, receive, answer.send)
        except Exception:  # whoever answers now needs the limits too
            await answer.count()
            raise
        finally:
            visit.leave()

    def _refuse_place(self, host: str, origin: str) -> Response | None:
        if self._check_hosts and not self._host_allowed(host):
            return error_response(
                f"requests under the host name {host!r} are not allowed; add it to TOUCHSTONE_ALLOWED_HOSTS", _BAD_HOST
            )
        if origin and not self._origin_allowed(origin):
            return error_response(
                f"calls from the web origin {origin!r} are not allowed; add it to TOUCHSTONE_ALLOWED_ORIGINS",
                _BAD_ORIGIN,
            )
        return None

    async def _who(self, scope: Scope, door: Door) -> Caller | Response:
        """The caller, or why nobody knows him. Where no key is needed, what is no key of ours is not looked at: many
        clients cannot do without one."""
        key = key_of(scope)
        required = self._keyring.required
        if not required and not (key and is_ours(key)):
            return LOCAL
        if not key:
            message = NO_KEY_OR_TOKEN if door is Door.MCP else NO_KEY
            message = why_none(header(scope, b"authorization"), message)
            return error_response(message, _NO_KEY, headers={"www-authenticate": "Bearer"})
        try:
            caller = await self._keyring.caller(key)
        except StorageError as error:
            return response_of(StoreUnavailable(error.message, told=_NOT_TOLD))
        if caller is not None:
            return caller
        row = _WRONG_MCP_KEY if door is Door.MCP else _WRONG_KEY
        return error_response(why_unknown(key), row)

    def _host_allowed(self, host: str) -> bool:
        name = _host_name(host)
        return is_loopback(name) or "*" in self._hosts or name in self._hosts or host.lower() in self._hosts

    def _origin_allowed(self, origin: str) -> bool:
        if "*" in self._origins or _plain_origin(origin) in self._origins:
            return True
        try:
            return is_loopback(urlsplit(origin).hostname or "")
        except ValueError:  # no URL at all, such as "http://["
            return False


def header(scope: Scope, name: bytes) -> str:
    """The first header called `name`, which is in lower case as servers give them; empty if there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return cast(bytes, value).decode("latin-1")
    return ""


def key_of(scope: Scope) -> str:
    """The key that the request carries, empty if none: `Authorization: Bearer` first, then `x-api-key`."""
    scheme, _, credentials = header(scope, b"authorization").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return header(scope, b"x-api-key").strip()


def _host_name(host: str) -> str:
    """The name in a Host header, without port, brackets and the dot of the root, lower-case."""
    host = host.lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


def _allowed_host(setting: str) -> str:
    """A host of the settings: a name or an address, or one of these with a port for this port alone."""
    host = setting.lower()
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    return bare.removesuffix(".")


def _plain_origin(origin: str) -> str:
    """An origin as browsers write it: lower-case, without the port that goes without saying."""
    origin = origin.lower().rstrip("/")
    for scheme, port in (("https://", ":443"), ("http://", ":80")):
        if origin.startswith(scheme):
            return origin.removesuffix(port)
    return origin
