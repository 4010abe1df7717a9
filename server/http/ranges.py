"""`Range`: which bytes of something a client wants (RFC 9110, 14.2). One range; several are answered with the whole."""

import re
from dataclasses import dataclass

from server.errors import RangeNotSatisfiable

_RANGE = re.compile(r"bytes=[ \t]*(\d{0,20})-(\d{0,20})[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` to before `end`."""

    start: int
    end: int


def wanted_range(value: str, size: int) -> ByteRange | None:
    """What the header asks for of `size` bytes. None for the whole, which is also the answer to what is no range.

    Raises RangeNotSatisfiable.
    """
    found = _RANGE.fullmatch(value)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        wanted = ByteRange(max(0, size - int(last)), size)
    else:
        wanted = ByteRange(int(first), min(size, int(last) + 1) if last else size)
        if last and int(last) < int(first):
            return None  # such a header is invalid, and is passed over
    if wanted.start >= wanted.end:
        raise RangeNotSatisfiable(f"the range {value[:100]!r} has none of the {size:,} bytes that there are", "range")
    return wanted
