"""What a judge is measured by. Pure functions of labels and figures; None where a measure is not defined.

"Positive" is the class that a judge is there to find: responses that are unsupported.
"""

from collections.abc import Sequence
from itertools import groupby

ECE_BINS = 10


def balanced_accuracy(positive: Sequence[bool], flagged: Sequence[bool]) -> float | None:
    """The mean of the two classes' shares that were told right. None if a class is missing."""
    found, missed, false_alarms, passed = _counts(positive, flagged)
    if not (found + missed and false_alarms + passed):
        return None
    return (found / (found + missed) + passed / (false_alarms + passed)) / 2


def f1(positive: Sequence[bool], flagged: Sequence[bool]) -> float | None:
    """The harmonic mean of precision and recall. None if nothing is positive and nothing flagged."""
    found, missed, false_alarms, _ = _counts(positive, flagged)
    either = 2 * found + missed + false_alarms
    return 2 * found / either if either else None


def auroc(positive: Sequence[bool], doubt: Sequence[float]) -> float | None:
    """How often a positive has more doubt than a negative, ties counting half. None if a class is missing."""
    positives = sum(positive)
    negatives = len(positive) - positives
    if not (positives and negatives):
        return None
    won, negatives_below = 0.0, 0
    for _, tied in groupby(sorted(zip(doubt, positive, strict=True)), key=lambda pair: pair[0]):
        labels = [label for _, label in tied]
        negatives_here = len(labels) - sum(labels)
        won += sum(labels) * (negatives_below + negatives_here / 2)
        negatives_below += negatives_here
    return won / (positives * negatives)


def ece(happened: Sequence[bool], probability: Sequence[float]) -> float | None:
    """Expected calibration error over ten bins of equal width: how far probabilities are from what happened.

    Bins of equal width, because a judge that gives few different scores would have ties cut apart by bins of equal
    mass, in whatever order the records came. None if there are no records.
    """
    if not happened:
        return None
    gaps = [0.0] * ECE_BINS
    for outcome, p in zip(happened, probability, strict=True):
        gaps[min(int(p * ECE_BINS), ECE_BINS - 1)] += outcome - p
    return sum(abs(gap) for gap in gaps) / len(happened)


def share(of: Sequence[bool]) -> float | None:
    """The share that is true. None if there is none to ask."""
    return sum(of) / len(of) if of else None


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of the values that are defined. None if none is."""
    defined = [value for value in values if value is not None]
    return sum(defined) / len(defined) if defined else None


def _counts(positive: Sequence[bool], flagged: Sequence[bool]) -> tuple[int, int, int, int]:
    """Found, missed, false alarms, rightly passed."""
    pairs = list(zip(positive, flagged, strict=True))
    return (
        pairs.count((True, True)),
        pairs.count((True, False)),
        pairs.count((False, True)),
        pairs.count((False, False)),
    )
