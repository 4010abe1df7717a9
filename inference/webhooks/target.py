"""Where webhooks go: an address that the operator has set. It may hold a password, so it is never shown."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from inference.engine.address import is_elsewhere
from inference.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Target:
    """`host` may be logged, `digest` stands for the address in the store."""

    url: str
    host: str
    digest: str


def target_of(url: str) -> Target:
    """The target at `url`. Private addresses are as good as others: nobody but the operator sets them.

    Raises SettingsError for what is no address, and for one outside this network without TLS: whoever listens on the
    way would learn the password in it.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:  # UnicodeError, of a name that is none, among them
        raise SettingsError("this is no URL; give one such as https://example.com/hook") from None
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError("this is no http:// or https:// URL, such as https://example.com/hook")
    if parts.scheme == "http" and is_elsewhere(url):
        raise SettingsError(f"{host} is not in this network, so give its address as https://")
    return Target(url, host, hashlib.sha256(url.encode()).hexdigest()[:16])
