"""Which key a person means who gives its id, or its name. Pure."""

from collections.abc import Sequence

from inference.errors import NotFound
from server.accounts.key_records import ApiKey

SHOWN_CHARS_MAX = 100


def key_named(keys: Sequence[ApiKey], text: str, now_s: float) -> ApiKey:
    """The key with the id `text`; else the one of that name, where those that still open something go first.

    Raises NotFound if there is none, or if several have that name.
    """
    for key in keys:
        if key.id == text:
            return key
    same_name = [key for key in keys if key.name == text]
    found = [key for key in same_name if key.opens(now_s)] or same_name
    if not found:
        raise NotFound(
            f"there is no key with the id or the name {text[:SHOWN_CHARS_MAX]!r} here; `touchstone keys list` lists all"
        )
    if len(found) > 1:
        ids = ", ".join(key.id for key in found)
        raise NotFound(f"{len(found)} keys are called {text[:SHOWN_CHARS_MAX]!r}; give the id of one: {ids}")
    return found[0]
