"""When an event that could not be told is tried again. Decisions only: chance is an argument."""

import random

PAUSES_S = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 36_000.0)
"""Between tries: eight in some 28 hours, in which a receiver that is down is noticed and mended. The steps are those of
the services that made the Standard Webhooks specification."""

JITTER = 0.1
"""The part of a pause by which it may be shorter or longer: what failed together need not come back together."""

TRIES_MAX = len(PAUSES_S) + 1

KEPT_S = 36 * 3600
"""After which an event is dropped, whether it was told or not: more than all pauses take."""


def pause_s(tries: int, chance: random.Random) -> float | None:
    """Seconds until the next try, after so many that failed; None if that was the last."""
    if tries >= TRIES_MAX:
        return None
    return PAUSES_S[tries - 1] * chance.uniform(1 - JITTER, 1 + JITTER)
