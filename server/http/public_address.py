"""The address under which callers reach the server, as they are told it. Pure.

Behind a proxy only its operator knows it (the setting public_url). Else it is what the caller asked for itself, which
is repeated to nobody but that caller.
"""

import re
from urllib.parse import urlsplit

from inference.errors import SettingsError

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)
_EXAMPLE = "such as https://verify.example.com"


def public_url_of(text: str) -> str:
    """The address that `text` gives, without a slash at its end. Raises SettingsError for what is none."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:  # UnicodeError, of a name that is none, among them
        raise SettingsError(f"this is no URL; give one {_EXAMPLE}") from None
    if parts.username is not None or parts.password is not None:
        raise SettingsError("this URL has a user or password in it, and it is shown to callers; give it without")
    if parts.scheme not in ("http", "https") or not host or not text.isprintable() or " " in text:
        raise SettingsError(f"this is no http:// or https:// URL, {_EXAMPLE}")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise SettingsError(f"this URL has a query or fragment; give it without, {_EXAMPLE}")
    path = parts.path.rstrip("/")
    if path.endswith(("/v1", "/v1/mcp", "/stream")):
        raise SettingsError(f"give this URL up to what comes before /v1 and /stream, {_EXAMPLE}")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def asked_url(scheme: str, host: str, own: str) -> str:
    """The address that a request with the Host header `host` came to; `own`, which needs no such header, if that is
    none."""
    return f"{scheme}://{host.lower()}" if _HOST.fullmatch(host) else own


def mcp_url(base: str) -> str:
    """Where MCP is served, at the server with the address `base`."""
    return f"{base}/v1/mcp"
