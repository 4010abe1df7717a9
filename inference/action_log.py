"""Writes what happens into a log of `logging`, so that its handler has the parts beside the words.

An event is an action, one word by which it is looked up, and what belongs to it. Never in it: prompts, responses,
documents, queries, keys.
"""

import logging
from collections.abc import Mapping
from typing import Any

ACTION = "action"
ABOUT = "about"
"""Where a record of the log has the two."""


def tell(logger: logging.Logger, level: int, action: str, text: str | None = None, /, **about: object) -> None:
    """Logs the event. `text` is how it reads to a person, where that is not `words_of`."""
    if logger.isEnabledFor(level):
        extra: Mapping[str, Any] = {ACTION: action, ABOUT: about}
        logger.log(level, "%s", text or words_of(action, about), extra=extra)


def words_of(action: str, about: Mapping[str, object]) -> str:
    """`action key=value ...`."""
    return action + "".join([f" {key}={value}" for key, value in about.items()])
