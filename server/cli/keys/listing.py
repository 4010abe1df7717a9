"""Keys in a table, one a line. Pure, but for the time zone.

An id is there to be copied, so it is never cut or broken: on a narrow terminal the last columns are left out,
and named.
"""

import time
from collections.abc import Sequence

from inference.text.shorten import shorten
from server.accounts.key_records import ApiKey
from server.accounts.plans import Plans
from server.wire.keys import status_of

GAP = "  "
NAME_CHARS_MAX = 30
NEVER = "never"


def listed(keys: Sequence[ApiKey], now_s: float, width: int | None, plans: Plans | None) -> tuple[list[str], list[str]]:
    """The lines, a header first, none longer than `width` unless an id and a name are; and the columns that were left
    out. None is as wide as it takes. A plan that is not among `plans` is marked."""
    columns = [
        ["id", *(key.id for key in keys)],
        ["name", *(shorten(key.name, NAME_CHARS_MAX) for key in keys)],
        ["state", *(status_of(key, now_s) for key in keys)],
        ["last used", *(time_of(key.last_used_at) for key in keys)],  # what is to be known before one is revoked
        ["plan", *(_plan(key, plans) for key in keys)],
        ["expires", *(time_of(key.expires_at) for key in keys)],
        ["last four", *(key.last_four for key in keys)],
        ["created", *(time_of(key.created_at) for key in keys)],
        ["owner", *("" if key.owner == key.id else key.owner for key in keys)],
    ]
    if not any(columns[-1][1:]):
        columns.pop()
    padded = [[cell.ljust(max(map(len, column))) for cell in column] for column in columns]
    left_out: list[str] = []
    while width is not None and len(padded) > 2 and len(GAP.join(column[0] for column in padded)) > width:
        left_out.insert(0, padded.pop()[0].rstrip())
    return [GAP.join(cells).rstrip() for cells in zip(*padded, strict=True)], left_out


def time_of(seconds: int | None) -> str:
    """A time as people read it here."""
    return NEVER if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _plan(key: ApiKey, plans: Plans | None) -> str:
    plan = key.plan or "default"
    if key.plan and plans is not None and key.plan not in plans:
        plan = f"{plan} (not in the plans file)"
    return f"{plan} (admin)" if key.is_admin else plan
