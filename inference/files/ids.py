"""Ids on the wire: a prefix that says what it is of, the time at which it was made, and 64 random bits.

Their order is the order in which they were made, so a list knows where it was also after what it ended with is gone:
clients delete file after file while they page through them. Nobody guesses an id, and it opens nothing by itself.
"""

import re
import secrets
import time

ID_CHARS_MAX = 64
"""Those made here have about forty."""

_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{ID_CHARS_MAX}}}")

_TIME_DIGITS, _RANDOM_BYTES = 14, 8
_OURS = re.compile(rf"[0-9a-f]{{{_TIME_DIGITS + 2 * _RANDOM_BYTES}}}")


class _Microseconds:
    """Since 1970, and never the same twice in this process."""

    last = 0

    def next(self) -> int:
        self.last = max(self.last + 1, time.time_ns() // 1000)
        return self.last


_TIME = _Microseconds()


def new_id(prefix: str) -> str:
    """A new id that begins with `prefix`, such as "file-" or "batch_"."""
    return f"{prefix}{_TIME.next():0{_TIME_DIGITS}x}{secrets.token_hex(_RANDOM_BYTES)}"


def is_id(text: str) -> bool:
    """Whether `text` could be an id at all. What a database would choke on, such as a NUL, could not."""
    return _ID.fullmatch(text) is not None


def has_place(text: str, prefix: str) -> bool:
    """Whether `text` has the form of ids made here, and so a place among them, whether there is such a thing or not."""
    return text.startswith(prefix) and _OURS.fullmatch(text, len(prefix)) is not None
