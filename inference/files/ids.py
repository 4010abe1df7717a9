"""Ids on the wire: a prefix that says what it is of, and 96 random bits that nobody guesses."""

import secrets


def new_id(prefix: str) -> str:
    """A new id that begins with `prefix`, such as "file-" or "batch_"."""
    return prefix + secrets.token_hex(12)
