"""A model that sees the response alone and no evidence: what a data set gives away by how its claims are worded.

Logistic regression over hashed words and pairs of neighbouring words, in plain numpy. Deterministic: the hash is
CRC-32, the start is zero, each step looks at all claims. Both classes weigh the same, so 0.5 is its threshold.
"""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BUCKETS = 2**17  # so many that words which share one do not matter
STEPS = 40  # past which the held-out ranking no longer moves
STEP_SIZE = 0.3
DECAY = 3e-5  # pulls weights to zero, so that a word seen once decides nothing
_ADAM = (0.9, 0.999, 1e-8)  # as published: Kingma and Ba 2015
_WORD = re.compile(r"[^\W_]+")

Floats = NDArray[np.float64]


class _Bags(NamedTuple):
    """Claims as hashed bags of equal length one: `bucket[i]` with `value[i]` belongs to claim `row[i]`."""

    row: NDArray[np.int64]
    bucket: NDArray[np.int64]
    value: Floats
    n: int

    def logits(self, weights: Floats) -> Floats:
        return _sums(self.row, self.value * weights[self.bucket], self.n)

    def gradient(self, residual: Floats) -> Floats:
        return _sums(self.bucket, self.value * residual[self.row], BUCKETS)


class ClaimOnly:
    """The trained model."""

    def __init__(self, claims: Sequence[str], unsupported: Sequence[bool]) -> None:
        """Trains on `claims`; takes seconds for tens of thousands. Both classes have to be there."""
        self._weights = _fitted(_bags(claims), np.asarray(unsupported, dtype=np.float64))

    def doubts(self, claims: Sequence[str]) -> list[float]:
        """The probability, 0 to 1, that each claim is unsupported."""
        return [float(p) for p in _sigmoid(_bags(claims).logits(self._weights))]


def _fitted(bags: _Bags, target: Floats) -> Floats:
    weights, momentum, spread = np.zeros(BUCKETS), np.zeros(BUCKETS), np.zeros(BUCKETS)
    importance = np.where(target == 1, 0.5 / target.sum(), 0.5 / (1 - target).sum())
    first, second, tiny = _ADAM
    for step in range(1, STEPS + 1):
        residual = (_sigmoid(bags.logits(weights)) - target) * importance
        slope = bags.gradient(residual) + DECAY * weights
        momentum = first * momentum + (1 - first) * slope
        spread = second * spread + (1 - second) * slope**2
        rate = STEP_SIZE * (1 - second**step) ** 0.5 / (1 - first**step)
        weights -= rate * momentum / (np.sqrt(spread) + tiny)
    return weights


def _bags(claims: Sequence[str]) -> _Bags:
    buckets = [_buckets(claim) for claim in claims]
    sizes = np.array([len(b) for b in buckets], dtype=np.int64)
    row = np.repeat(np.arange(len(claims)), sizes)
    return _Bags(
        row=row,
        bucket=np.array([one for b in buckets for one in b], dtype=np.int64),
        value=1 / np.sqrt(np.maximum(sizes, 1))[row],
        n=len(claims),
    )


def _buckets(claim: str) -> list[int]:
    """The buckets of a claim's words and pairs, each once; the empty word is the bias."""
    found = _WORD.findall(claim.lower())
    return sorted({_bucket(""), *map(_bucket, found), *(_bucket(f"{a} {b}") for a, b in pairwise(found))})


@lru_cache(maxsize=1 << 20)
def _bucket(token: str) -> int:
    return zlib.crc32(token.encode()) % BUCKETS


def _sums(index: NDArray[np.int64], values: Floats, n: int) -> Floats:
    return np.bincount(index, values, n).astype(np.float64)


def _sigmoid(logits: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))  # beyond 30 it is 0 or 1 to every digit that is printed
