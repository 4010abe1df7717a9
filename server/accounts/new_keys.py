"""What may be asked of a new key: a name, a plan that there is, a lifetime within bounds. Pure."""

import re

from inference.errors import BadInput
from server.accounts.plans import Plans

NAME_CHARS_MAX = 100

_BLANK = r"\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_NEVER = r"\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
_END, _MIDDLE = f"[^{_BLANK}{_NEVER}]", f"[^{_NEVER}]"
NAME_PATTERN = f"^{_END}({_MIDDLE}{{0,{NAME_CHARS_MAX - 2}}}{_END})?$"
"""Of a name, in OpenAPI too: no blanks at its ends, and nothing that a terminal obeys or nobody sees."""

MINUTE_S, HOUR_S, DAY_S, WEEK_S = 60, 3600, 24 * 3600, 7 * 24 * 3600
LIFETIME_MIN_S = MINUTE_S
LIFETIME_MAX_S = 3650 * DAY_S
"""Ten years: what is to open longer has no end."""

_UNITS_S = {"m": MINUTE_S, "h": HOUR_S, "d": DAY_S, "w": WEEK_S}
_LIFETIME = re.compile(r"([1-9][0-9]{0,6})([mhdw])")
_NAME = re.compile(NAME_PATTERN)


def check_name(name: str) -> str:
    """`name`. Raises BadInput if no key can have it."""
    if _NAME.fullmatch(name) is None:
        raise BadInput(
            f"name: {name[:NAME_CHARS_MAX]!r} is no name for a key; take 1 to {NAME_CHARS_MAX} printable characters "
            "without blanks at the ends",
            "name",
        )
    return name


def check_plan(plan: str | None, plans: Plans) -> str | None:
    """`plan`. Raises BadInput if there is none of that name."""
    if plan is not None and plan not in plans:
        raise BadInput(f"plan: there is no plan {plan[:NAME_CHARS_MAX]!r}; there are {', '.join(plans.names)}", "plan")
    return plan


def lifetime_s(text: str) -> int:
    """The seconds in a lifetime such as 30m, 12h, 90d or 2w. Raises BadInput, also for one that is out of bounds."""
    found = _LIFETIME.fullmatch(text)
    seconds = int(found[1]) * _UNITS_S[found[2]] if found else 0
    if not LIFETIME_MIN_S <= seconds <= LIFETIME_MAX_S:
        raise BadInput(
            f"expires: {text[:40]!r} is no lifetime; write minutes, hours, days or weeks, such as 30m, 12h, 90d or 2w, "
            f"up to {LIFETIME_MAX_S // DAY_S}d",
            "expires",
        )
    return seconds
