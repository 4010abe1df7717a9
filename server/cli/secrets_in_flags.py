"""Secrets that stand on the command line, where every user of the machine can read them (`ps`)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

_KEYS = ("api_keys", "engine_key", "webhook_secret")
_ADDRESSES = ("database_url", "limits_url", "webhook_url")
"""Settings that may hold a password."""


def warnings_of(flags: Mapping[str, Any]) -> Iterator[str]:
    """What to tell about `flags`, by the names of their settings. No value is in it."""
    for name in (*_KEYS, *_ADDRESSES):
        text = flags.get(name)
        if text and (name in _KEYS or _holds_password(text)):
            flag = f"--{name.replace('_', '-')}"
            yield (
                f"what {flag} gives is secret, and every user of this machine can read a command line; give it as "
                f"TOUCHSTONE_{name.upper()} instead"
            )


def _holds_password(addresses: str) -> bool:
    try:
        return any(urlsplit(address).password for address in addresses.split(","))
    except ValueError:  # no address: the settings say so
        return False
