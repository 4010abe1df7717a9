"""Ids of requests: they stand in the response and in every line of the log that the request leaves."""

import itertools
import secrets

CHARS_MAX = 128
"""Of a caller's own id; a longer one is replaced."""


class RequestIds:
    """Gives each request its id."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(8)
        self._numbers = itertools.count(1)

    def of(self, given: str) -> str:
        """The caller's own id if it can be shown, else a number after a prefix that no other process has."""
        if given and len(given) <= CHARS_MAX and given.isascii() and given.isprintable() and " " not in given:
            return given
        return f"req_{self._prefix}{next(self._numbers):010x}"
