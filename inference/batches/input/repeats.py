"""Which custom_ids of an input file are repeated: found by their hashes, and then made sure of by reading them again.

The hashes of five million requests take 40 MB. Two custom_ids may share a hash, so a repeated hash is a suspicion only.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from inference.batches.input.rows import Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.intp]

SUSPECTS_MAX = 10_000
"""That are made sure of in one reading of the file: enough that one reading is all but always enough."""


BLOCK = 65_536
"""Hashes that are looked up together, which bounds the memory for it."""


class Repeat(NamedTuple):
    """A request whose custom_id another one had before. Lines count from 1."""

    line: int
    custom_id: str
    first_line: int


class Suspects(NamedTuple):
    """Requests by their place among all, from 0, in their order: those whose hash another one had before, and with
    them all that share a hash with them. `more` says whether there are more of the first."""

    requests: Sequence[int]
    last: int
    more: bool


def suspects(hashes: bytearray, after: int = -1) -> Suspects | None:
    """The first SUSPECTS_MAX of the requests after `after` whose hash is repeated; None if there is none.

    `hashes` has 8 bytes for each request; up to twice their memory is taken beside them.
    """
    import numpy as np  # noqa: PLC0415  # heavy; a server that validates nothing does without

    all_hashes = np.frombuffer(hashes, dtype="<u8")
    repeated = _repeated(all_hashes)
    if not repeated.size:
        return None
    seen = np.zeros(repeated.size, dtype=bool)
    later: list[int] = []
    for at in range(0, all_hashes.size, BLOCK):
        places, ranks = _places(all_hashes[at : at + BLOCK], repeated)
        _, first_here = np.unique(ranks, return_index=True)
        is_first = np.zeros(ranks.size, dtype=bool)
        is_first[first_here] = True
        is_first &= ~seen[ranks]
        seen[ranks] = True
        later += [place + at for place in places[~is_first].tolist() if place + at > after]
        if len(later) > SUSPECTS_MAX:
            break
    if not later:
        return None
    chosen = later[:SUSPECTS_MAX]
    values = np.unique(all_hashes[chosen])
    involved: list[int] = []
    for at in range(0, chosen[-1] + 1, BLOCK):
        places, _ = _places(all_hashes[at : min(at + BLOCK, chosen[-1] + 1)], values)
        involved += (places + at).tolist()
    return Suspects(involved, chosen[-1], more=len(later) > len(chosen))


def _repeated(all_hashes: "Hashes") -> "Hashes":
    """Each value that is there more than once, in order."""
    import numpy as np  # noqa: PLC0415

    in_order = np.sort(all_hashes)
    same = in_order[1:] == in_order[:-1]
    same[1:] &= ~same[:-1]  # of a run of the same the first pair
    repeated: Hashes = in_order[1:][same]
    return repeated


def _places(block: "Hashes", values: "Hashes") -> "tuple[Places, Places]":
    """Where `block` has one of `values`, which are in order, and the rank of the one that it has there."""
    import numpy as np  # noqa: PLC0415

    ranks = np.minimum(np.searchsorted(values, block), values.size - 1)
    places = np.flatnonzero(values[ranks] == block)
    return places, ranks[places]


class RepeatSearch:
    """Reads a file again and compares the custom_ids of requests that share a hash. Tells of repeats after `after`."""

    def __init__(self, requests: Sequence[int], after: int, row_bytes_max: int) -> None:
        self._repeats: list[Repeat] = []
        self._rows = Rows(row_bytes_max)
        self._wanted = frozenset(requests)
        self._after = after
        self._last = max(requests)
        self._line = 0
        self._request = -1
        self._first_lines: dict[str, int] = {}

    def feed(self, chunk: bytes) -> bool:
        """Reads on; False once the rest does not matter."""
        return self._read(self._rows.feed(chunk))

    def finish(self) -> Sequence[Repeat]:
        """Nothing more is read: the repeats, in their order."""
        self._read(self._rows.finish())
        return self._repeats

    def _read(self, rows: Sequence[bytes]) -> bool:
        for row in rows:
            self._line += 1
            if not row.strip():
                continue
            self._request += 1
            if self._request in self._wanted:
                self._compare(row)
        return self._request < self._last

    def _compare(self, row: bytes) -> None:
        custom_id = _custom_id(row)
        if custom_id is None:  # it was found wrong already
            return
        first = self._first_lines.setdefault(custom_id, self._line)
        if first != self._line and self._request > self._after:
            self._repeats.append(Repeat(self._line, custom_id, first))


def _custom_id(row: bytes) -> str | None:
    try:
        value: Any = orjson.loads(row)
    except orjson.JSONDecodeError:
        return None
    custom_id = value.get("custom_id") if isinstance(value, dict) else None
    return custom_id if isinstance(custom_id, str) and custom_id else None
