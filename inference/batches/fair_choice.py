"""Which batch gets the next free worker: no owner and no batch takes all of them. A function of values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A batch with a shard that nobody works on."""

    batch_id: str
    owner: str
    priority: int
    number: int
    """The order in which batches were made."""


def fairest(candidates: Sequence[Candidate], leased: Mapping[tuple[str, str], int]) -> Candidate | None:
    """The batch of the owner that has the fewest shards under way; of that owner's batches one of the highest priority;
    of these the one that has the fewest under way, and then the oldest.

    `leased` counts shards under way by owner and batch id.
    """
    of_owner: Counter[str] = Counter()
    for (owner, _), shards in leased.items():
        of_owner[owner] += shards
    return min(
        candidates,
        key=lambda c: (of_owner[c.owner], -c.priority, leased.get((c.owner, c.batch_id), 0), c.number),
        default=None,
    )
