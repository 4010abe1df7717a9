"""Which callers each path is for. Pure."""

from collections.abc import Mapping
from enum import Enum

from server.accounts.caller import Caller, Role
from server.errors import Row

OPEN_PATHS = frozenset({"/", "/health", "/ready", "/openapi.json"})
"""Paths that need no key: they tell nothing that a caller sent or a user owns."""

MCP_PATHS = frozenset({"/v1/mcp", "/stream"})
"""Where MCP is served. A wrong key gets 403 here, because `mcp-remote` hides the message of a 401."""

MODEL_PATHS = frozenset({"/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/verify/reliability"})
"""Where a model is asked: which one, and so what limits hold, stands in the body. MCP's paths are such, too."""

METRICS_PATH = "/metrics"
KEYS_PATH = "/v1/api-keys"

TOKEN_HERE = Row(403, "invalid_request_error", "mcp_token_not_allowed")
OPERATOR_NEEDED = Row(403, "invalid_request_error", "operator_required")
ADMIN_NEEDED = Row(403, "invalid_request_error", "admin_required")


class Door(Enum):
    """Of a path: who goes through."""

    OPEN = "open"
    MCP = "mcp"
    KEY = "key"
    OPERATOR = "operator"
    ADMIN = "admin"


_KNOWN: Mapping[str, Door] = {
    **dict.fromkeys(MODEL_PATHS, Door.KEY),
    **dict.fromkeys(MCP_PATHS, Door.MCP),
    **dict.fromkeys(OPEN_PATHS, Door.OPEN),
    METRICS_PATH: Door.OPERATOR,
    KEYS_PATH: Door.ADMIN,
}


def door_of(path: str) -> Door:
    """The door before `path`."""
    return _KNOWN.get(path) or (Door.ADMIN if path.startswith(KEYS_PATH + "/") else Door.KEY)


def why_not(door: Door, caller: Caller) -> tuple[str, Row] | None:
    """Why `caller` does not go through `door`, in words and as a row of the table of errors; None if he does."""
    if door is Door.KEY and caller.role is not Role.TOKEN:  # nearly every request, so without the rest
        return None
    match door, caller.role:
        case ((Door.OPEN | Door.MCP), _):
            return None
        case _, Role.TOKEN:
            return "this is an MCP token, which opens /v1/mcp and /stream alone; send an API key", TOKEN_HERE
        case Door.ADMIN, Role.LOCAL:
            return (
                "this server asks for no keys, so whoever reaches it may be anybody; make keys with `touchstone keys`",
                ADMIN_NEEDED,
            )
        case Door.ADMIN, (Role.KEY | Role.OPERATOR):
            return (
                "this needs an administrator's key; `touchstone keys create NAME --admin` makes one, or use "
                "`touchstone keys` where the server runs",
                ADMIN_NEEDED,
            )
        case Door.OPERATOR, Role.KEY:
            return (
                "this needs an administrator's key, or one of TOUCHSTONE_API_KEYS: it tells of all keys",
                OPERATOR_NEEDED,
            )
        case _:
            return None
