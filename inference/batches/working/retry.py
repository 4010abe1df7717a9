"""Whether a line that failed is asked again, and when. A function of values."""

import random
from dataclasses import dataclass

from inference.batches.line import Again, LineAnswer

TRIES_MAX = 6
"""Of a line that goes wrong. With the waits between them up to a quarter of a minute, or what the engine asks for."""

PATIENCE_S = 15 * 60.0
"""For which a line waits for an engine that is away: a restart with a large model takes minutes."""

WAIT_FIRST_S = 0.5
WAIT_MAX_S = 20.0

RETRY_AFTER_MAX_S = 60.0
"""An engine that asks for a longer wait is asked again after this one."""


@dataclass(slots=True)
class Tries:
    """What was tried of one line. `since_s` is when it was asked first, on a clock that only goes forward."""

    since_s: float
    went_wrong: int = 0
    was_away: int = 0


def wait_s(tries: Tries, answer: LineAnswer, now_s: float, chance: random.Random) -> float | None:
    """Seconds to wait before `answer` is asked for again, and the count goes up; None if it is final.

    The wait doubles from time to time and is drawn between half of it and the whole, so that what failed together does
    not come back together. A `retry-after` of the engine's is the least.
    """
    if answer.again is Again.NO:
        return None
    if answer.again is Again.WHEN_UP:
        tries.was_away += 1
        if now_s - tries.since_s > PATIENCE_S:
            return None
        failures = tries.was_away
    else:
        tries.went_wrong += 1
        if tries.went_wrong >= TRIES_MAX:
            return None
        failures = tries.went_wrong
    longest = min(WAIT_MAX_S, WAIT_FIRST_S * 2.0 ** (failures - 1))
    return max(chance.uniform(longest / 2, longest), min(answer.retry_after_s or 0.0, RETRY_AFTER_MAX_S))
