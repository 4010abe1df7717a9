"""The learning rate by the clock: up in the first fiftieth of the time, then down along a cosine to zero. Pure."""

import math

WARM_UP_SHARE = 0.02


def rate_at(share: float) -> float:
    """The learning rate, as a share of its maximum, when `share` of the time is over."""
    if share < WARM_UP_SHARE:
        return share / WARM_UP_SHARE
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (share - WARM_UP_SHARE) / (1 - WARM_UP_SHARE))))
