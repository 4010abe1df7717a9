"""Who may come in: the host name a request came under, the web origin it came from, and its key.

Without keys the server listens on loopback alone, and a web page that a user happens to visit could still reach it
through the user's browser. The Host check stops DNS rebinding, the Origin check stops cross-site calls (MCP
specification, Streamable HTTP, "Security Warning").
"""

import hashlib
from collections.abc import Iterable
from typing import cast
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import Row, error_response
from server.settings import Settings, is_loopback

OPEN_PATHS = frozenset({"/", "/health", "/ready", "/openapi.json"})
"""Paths that need no key: they tell nothing that a caller sent or a user owns."""

MCP_PATHS = frozenset({"/v1/mcp", "/stream"})
"""Where MCP is served. A wrong key gets 403 here, because `mcp-remote` hides the message of a 401."""

_BAD_HOST = Row(421, "invalid_request_error", "host_not_allowed")
_BAD_ORIGIN = Row(403, "invalid_request_error", "origin_not_allowed")
_NO_KEY = Row(401, "invalid_request_error", "missing_api_key")
_WRONG_KEY = Row(401, "invalid_request_error", "invalid_api_key")
_WRONG_MCP_KEY = Row(403, "invalid_request_error", "invalid_api_key")


OWNER = "touchstone.owner"
"""Where the scope of a request says whose files and batches it may see."""

NO_KEYS_OWNER = "local"
"""Who owns what is made where no keys are asked for."""


def owner_of(scope: Scope) -> str:
    """The owner that the request comes from."""
    return cast(str, scope[OWNER])


class Keyring:
    """The keys, kept as SHA-256 digests: keys are long random texts, so a fast hash is enough."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = frozenset(_digest(key) for key in keys)

    def __bool__(self) -> bool:
        return bool(self._digests)

    def holds(self, key: str) -> bool:
        return _digest(key) in self._digests


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


class Gate:
    """ASGI middleware that lets a request through or answers why not."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._keys = Keyring(key.get_secret_value() for key in settings.api_keys)
        self._hosts = frozenset(host.lower() for host in settings.allowed_hosts)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in settings.allowed_origins)
        # Behind keys a rebound page gets nothing, so the host name only matters where there are none, or where asked.
        self._check_hosts = not self._keys or bool(self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refuse(scope["path"], scope)
        scope[OWNER] = self._owner(scope)
        await (refusal or self._app)(scope, receive, send)

    def _owner(self, scope: Scope) -> str:
        """Of a request that may come in: its key's digest, so that no key is written anywhere."""
        return _digest(key_of(scope)).hex()[:32] if self._keys else NO_KEYS_OWNER

    def _refuse(self, path: str, scope: Scope) -> Response | None:
        host, origin = header(scope, b"host"), header(scope, b"origin")
        if self._check_hosts and not self._host_allowed(host):
            return error_response(
                f"requests under the host name {host!r} are not allowed; add it to TOUCHSTONE_ALLOWED_HOSTS", _BAD_HOST
            )
        if origin and not self._origin_allowed(origin):
            return error_response(
                f"calls from the web origin {origin!r} are not allowed; add it to TOUCHSTONE_ALLOWED_ORIGINS",
                _BAD_ORIGIN,
            )
        if self._keys and path not in OPEN_PATHS:
            return self._refuse_key(path, scope)
        return None

    def _refuse_key(self, path: str, scope: Scope) -> Response | None:
        key = key_of(scope)
        if not key:
            return error_response(
                "no API key: send it as 'Authorization: Bearer KEY' or as 'x-api-key: KEY'",
                _NO_KEY,
                headers={"www-authenticate": "Bearer"},
            )
        if self._keys.holds(key):
            return None
        row = _WRONG_MCP_KEY if path in MCP_PATHS else _WRONG_KEY
        return error_response("this API key is not known here; check it for typing errors and spaces", row)

    def _host_allowed(self, host: str) -> bool:
        name = _host_name(host)
        return is_loopback(name) or "*" in self._hosts or name in self._hosts or host.lower() in self._hosts

    def _origin_allowed(self, origin: str) -> bool:
        if "*" in self._origins or origin.lower() in self._origins:
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
    """The name in a Host header, without port and brackets, lower-case."""
    host = host.lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
