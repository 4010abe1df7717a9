"""Times of many like things, counted for Prometheus at a tenth of what its own counters and histograms take.

Those of the library take a lock for each number, three times for one time. What is counted here is counted on the event
loop alone, and the library is told when somebody looks. Not for several threads.
"""

from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""Bounds of the buckets, in seconds: from a request that is passed on to a long answer of a language model."""

_BOUNDS = (*(str(float(bound)) for bound in SECONDS), "+Inf")
"""As Prometheus writes them."""


class Tally:
    """How often something happened, and how long it took."""

    __slots__ = ("_buckets", "_seconds")

    def __init__(self) -> None:
        self._seconds = 0.0
        self._buckets = [0] * (len(SECONDS) + 1)

    def note(self, seconds: float) -> None:
        """Once more."""
        self._seconds += seconds
        self._buckets[bisect_left(SECONDS, seconds)] += 1

    @property
    def count(self) -> int:
        """How often."""
        return sum(self._buckets)

    def add(self, other: "Tally") -> None:
        """All that `other` has."""
        self._seconds += other._seconds
        self._buckets = [ours + theirs for ours, theirs in zip(self._buckets, other._buckets, strict=True)]

    def told(self) -> tuple[list[tuple[str, float]], float]:
        """The buckets as Prometheus has them, each with those below it, and the sum of the times."""
        told, so_far = [], 0
        for bound, count in zip(_BOUNDS, self._buckets, strict=True):
            so_far += count
            told.append((bound, float(so_far)))
        return told, self._seconds


class Tallies(Collector):
    """A counter by `what` and `how`, and a histogram by `what` alone."""

    def __init__(
        self, counter: tuple[str, str], histogram: tuple[str, str], what: str, how: str, registry: CollectorRegistry
    ) -> None:
        """`counter` and `histogram` are a name and a description each; `what` and `how` are labels."""
        self._counter = counter
        self._histogram = histogram
        self._labels = (what, how)
        self._all: dict[tuple[str, str], Tally] = {}
        registry.register(self)

    def of(self, what: str, how: str) -> Tally:
        """The tally of these, which are few, since each makes a series."""
        key = (what, how)
        found = self._all.get(key)
        if found is None:
            found = self._all[key] = Tally()
        return found

    def collect(self) -> Iterator[Metric]:
        counts = CounterMetricFamily(*self._counter, labels=self._labels)
        times = HistogramMetricFamily(*self._histogram, labels=self._labels[:1])
        sums: dict[str, Tally] = {}
        for (what, how), tally in tuple(self._all.items()):
            counts.add_metric((what, how), tally.count)
            sums.setdefault(what, Tally()).add(tally)
        for what, tally in sums.items():
            times.add_metric((what,), *tally.told())
        yield counts
        yield times
