"""The completion window of a batch: "24h" as everywhere, and beyond that any number of minutes, hours or days."""

import re

from inference.errors import BadInput

WINDOW_MIN_S = 60
WINDOW_MAX_S = 14 * 24 * 3600
"""Fourteen days: longer than any batch that is worth waiting for, short enough that none is forgotten."""

_UNITS_S = {"m": 60, "h": 3600, "d": 24 * 3600}
_FORM = re.compile(r"([0-9]{1,6})([mhd])")


def window_s(text: object) -> int:
    """The seconds that a completion window such as "30m", "24h" or "7d" lasts. Raises BadInput."""
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _refused(text, "is none")
    seconds = int(found[1]) * _UNITS_S[found[2]]
    if seconds < WINDOW_MIN_S:
        raise _refused(text, "is too short")
    if seconds > WINDOW_MAX_S:
        raise _refused(text, "is too long")
    return seconds


def _refused(text: object, why: str) -> BadInput:
    shown = repr(text) if len(repr(text)) <= 40 else "what was sent"
    return BadInput(
        f'completion_window: {shown} {why}. Send "24h", or minutes, hours or days such as "30m", "12h" or "7d", from '
        "1 minute to 14 days.",
        "completion_window",
    )
