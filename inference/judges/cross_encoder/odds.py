"""Probabilities as log-odds, in which opinions add up."""

import math

_SMALLEST = 1e-6


def odds(probability: float) -> float:
    """log(p / (1 - p)), finite also for 0 and 1."""
    kept = min(1 - _SMALLEST, max(_SMALLEST, probability))
    return math.log(kept / (1 - kept))


def probability(log_odds: float) -> float:
    """The probability of these log-odds."""
    return 1 / (1 + math.exp(-log_odds))
