"""Why a key does not open the server, in words that say what to do. Pure; none repeats what was sent.

What a client sent is told apart by its form alone: a placeholder that nobody has filled in, something that was cut off
or changed while it was copied, an MCP token. The rest is just not known.
"""

import re

from server.accounts.key_text import KEY_PREFIX, TOKEN_PREFIX, is_key, is_token

_WHO_HAS_ONE = "Whoever runs this server makes one with: touchstone keys create NAME"
NO_KEY = f"no API key: send it as 'Authorization: Bearer KEY' or as 'x-api-key: KEY'. {_WHO_HAS_ONE}"
NO_SCHEME = (
    "no API key: the authorization header does not begin with the word Bearer. Send 'Authorization: Bearer KEY' or "
    "'x-api-key: KEY'"
)
NO_KEY_OR_TOKEN = (
    "no API key: send it as 'Authorization: Bearer KEY' or as 'x-api-key: KEY'; an MCP token does as well here, and "
    f"POST /v1/mcp/enable gives one to whoever has a key. {_WHO_HAS_ONE}"
)

UNKNOWN = (
    "this API key is not known here: check it for typing errors and spaces, and whether it was revoked or has expired"
)
ENDED = (
    "this MCP token opens nothing: it was disabled, or its API key was revoked or rotated or has expired. GET "
    "/v1/mcp/status with the API key shows the token there is now, and POST /v1/mcp/enable gives one"
)
NOT_FILLED_IN = (
    "what was sent is a placeholder and no API key: put the key in its place in the client's settings, or set the "
    "variable that it names"
)
NOT_WHOLE = (
    "this begins like an API key or MCP token but is none: a character is missing, wrong or too many. Copy it again, "
    "whole"
)

_PLACEHOLDER = re.compile(r"(<?YOUR[_ -][A-Z _-]*>?|\$\{.*\}|\$[A-Z_]+|%[A-Z_]+%)", re.ASCII)


def why_none(authorization: str, message: str) -> str:
    """Why a request carries no key: `message`, unless its header `authorization` has something that may be one."""
    scheme = authorization.partition(" ")[0].lower()
    return NO_SCHEME if scheme and scheme != "bearer" else message


def why_unknown(text: str) -> str:
    """Why `text`, which is neither a key nor a token that opens something, is none."""
    if _PLACEHOLDER.fullmatch(text):
        return NOT_FILLED_IN
    if is_token(text):
        return ENDED
    if text.startswith((KEY_PREFIX, TOKEN_PREFIX)) and not is_key(text):
        return NOT_WHOLE
    return UNKNOWN
