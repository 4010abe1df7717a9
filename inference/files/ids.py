"""Ids on the wire: a prefix that says what it is of, and 96 random bits that nobody guesses."""

import re
import secrets

ID_CHARS_MAX = 64
"""Those made here have about thirty."""

_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{ID_CHARS_MAX}}}")


def new_id(prefix: str) -> str:
    """A new id that begins with `prefix`, such as "file-" or "batch_"."""
    return prefix + secrets.token_hex(12)


def is_id(text: str) -> bool:
    """Whether `text` could be an id at all. What a database would choke on, such as a NUL, could not."""
    return _ID.fullmatch(text) is not None
