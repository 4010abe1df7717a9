"""Which batch gets the next free place in a worker, and which gives up its own: no owner and no batch takes all of
them. Functions of values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TURN_S = 30.0
"""After which a batch gives up its place to another one that has as good a claim to it."""

_NEVER = -1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A batch with a shard that nobody works on."""

    batch_id: str
    owner: str
    priority: int
    number: int
    """The order in which batches were made."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a worker: a shard of a batch that it has worked on for `age_s` seconds."""

    batch_id: str
    owner: str
    priority: int
    age_s: float


def fairest(
    candidates: Sequence[Candidate],
    leased: Mapping[tuple[str, str], int],
    turns: Mapping[str, int] | None = None,
) -> Candidate | None:
    """The batch of the owner that has the fewest shards under way; of that owner's batches one of the highest priority;
    of these the one that has the fewest under way, then the one whose last turn is longest ago, and then the oldest.

    `leased` counts shards under way by owner and batch id; `turns` numbers the last turn of each batch that had one.
    """
    of_owner, last = _by_owner(leased), turns or {}
    return min(
        candidates,
        key=lambda c: (
            of_owner[c.owner],
            -c.priority,
            leased.get((c.owner, c.batch_id), 0),
            last.get(c.batch_id, _NEVER),
            c.number,
        ),
        default=None,
    )


def gives_way(seats: Sequence[Seat], to: Candidate, leased: Mapping[tuple[str, str], int]) -> int | None:
    """Which of the `seats`, all of which are taken, is given up for `to`; None if it has to wait.

    It is one of an owner that would still have as many as the owner of `to`; or of the same owner one of a lower
    priority, a batch's second one, or one that has lasted for a while.
    """
    of_owner = _by_owner(leased)
    here = Counter(seat.batch_id for seat in seats)
    newcomer = leased.get((to.owner, to.batch_id), 0) == 0

    def may_go(seat: Seat) -> bool:
        if seat.owner != to.owner:
            return of_owner[seat.owner] >= of_owner[to.owner] + 2
        if seat.priority != to.priority:
            return seat.priority < to.priority
        return newcomer and (here[seat.batch_id] > 1 or seat.age_s >= TURN_S)

    return min(
        (number for number, seat in enumerate(seats) if may_go(seat)),
        key=lambda number: (
            -of_owner[seats[number].owner],
            seats[number].priority,
            -here[seats[number].batch_id],
            -seats[number].age_s,
        ),
        default=None,
    )


def _by_owner(leased: Mapping[tuple[str, str], int]) -> Counter[str]:
    of_owner: Counter[str] = Counter()
    for (owner, _), shards in leased.items():
        of_owner[owner] += shards
    return of_owner
