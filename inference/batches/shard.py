"""A shard: some hundreds of requests that lie together in the input file and are worked off together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from inference.batches.batch import Batch
from inference.files.file import Part, Parts
from inference.usage.token_usage import NO_USAGE, TokenUsage
from inference.usage.used import ByModel

SHARD_LINES_MAX = 1_000
"""Requests in a shard: enough that leasing them costs nothing, few enough that a lost one is soon made up for."""

SHARD_BYTES_MAX = 4 * 1024 * 1024
"""Bytes of input in a shard, unless a single request is longer: a worker reads a shard as a whole."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Where a shard lies. `first_line` is its first entry in the index; `start` and `bytes` its place in the file."""

    number: int
    first_line: int
    lines: int
    start: int
    bytes: int


class Done:
    """Which requests of a shard are done, a bit for each."""

    def __init__(self, lines: int, bits: bytes | None = None) -> None:
        self._bits = bytearray(bits) if bits else bytearray((lines + 7) // 8)
        self._lines = lines

    def __contains__(self, position: int) -> bool:
        return bool(self._bits[position >> 3] & 1 << (position & 7))

    def add(self, position: int) -> None:
        self._bits[position >> 3] |= 1 << (position & 7)

    def all(self) -> bool:
        """Whether every request is done."""
        return sum(map(int.bit_count, self._bits)) == self._lines

    def with_all(self, positions: Iterable[int]) -> "Done":
        """The same, and these done too."""
        more = Done(self._lines, bytes(self._bits))
        for position in positions:
            more.add(position)
        return more

    def to_bytes(self) -> bytes | None:
        """As the store keeps it: None if none is done."""
        return bytes(self._bits) if any(self._bits) else None


@dataclass(slots=True)
class ShardLease:
    """A shard that this worker may work on. It may write results as long as nobody has a later `epoch`."""

    batch: Batch
    shard: Shard
    epoch: int
    done: Done
    input_parts: Parts
    """Of the batch's input file."""


@dataclass(frozen=True, slots=True)
class Results:
    """Result lines that are written and to be counted: where they lie, and what they say in sum."""

    positions: tuple[int, ...]
    """Of the requests in their shard."""
    output: Part | None = None
    error: Part | None = None
    completed: int = 0
    failed: int = 0
    tokens: TokenUsage = field(default=NO_USAGE)
    used: ByModel = field(default_factory=dict)
