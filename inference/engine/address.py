"""Where an engine is: its OpenAI-compatible API and the root of its server, out of one URL."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from inference.errors import SettingsError

API_PATH = "/v1"
_NEAR_DOMAINS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
"""Ends of names that are never given out on the internet."""


@dataclass(frozen=True, slots=True)
class Address:
    """`api` is the URL that OpenAI's paths follow, `root` that of the server's own. Neither ends in a slash."""

    api: str
    root: str

    def of(self, path: str) -> str:
        """The URL of `path`: after `/v1/`, or at the server's root if it begins with a slash."""
        return f"{self.root}{path}" if path.startswith("/") else f"{self.api}/{path}"


def address_of(url: str) -> Address:
    """The address that `url` gives: "http://host:8000" gets /v1, a URL with a path is kept, slashes at its end go.

    Raises SettingsError for what is no URL of a server, and for one with a password in it: URLs are logged and shown.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError as error:  # UnicodeError, of a name that is none, among them
        raise SettingsError(f"this is no URL ({error}); give one such as http://127.0.0.1:8000/v1") from None
    if parts.username is not None or parts.password is not None:
        raise SettingsError(f"the URL of {host} has a user or password in it; give the key as TOUCHSTONE_ENGINE_KEY")
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError(f"{url!r} is no http:// or https:// URL, such as http://127.0.0.1:8000/v1")
    if parts.query or parts.fragment:
        raise SettingsError(f"{url!r} has a query or fragment; give the URL up to /v1 alone")
    name = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{name}" + ("" if port is None else f":{port}")
    path = parts.path.rstrip("/")
    return Address(origin + (path or API_PATH), origin + path.removesuffix(API_PATH))


def is_elsewhere(url: str) -> bool:
    """Whether the server at `url` is likely outside of this machine and its network, so that what is sent to it leaves
    both. Told by the address or the name alone, without looking the name up: one without a dot, as containers have,
    counts as near."""
    host = (urlsplit(url.strip()).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_NEAR_DOMAINS)
