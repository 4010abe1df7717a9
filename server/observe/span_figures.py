"""What the spans of requests and batches add to the figures: searches, judges, engines; how long and how they ended."""

import asyncio
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram

from inference.errors import CorpusEmpty
from inference.spans import ENGINE, FIRST_CHUNK, JUDGE, RETRIEVAL, Fact

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""Bounds of the buckets, in seconds: from a request that is passed on to a long answer of a language model."""

DONE, EMPTY, REFUSED, FAILED, LEFT = "done", "empty", "refused", "failed", "left"
"""How a span ends. LEFT: nobody waited for it any more."""


class SpanFigures:
    """Labels are names out of the settings: sources, judges, engines."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._searches = Counter(
            "touchstone_searches_total",
            "Questions to a source of evidence: done, empty (a corpus without documents), failed, left.",
            ["source", "outcome"],
            registry=registry,
        )
        self._search_seconds = Histogram(
            "touchstone_search_seconds",
            "Time for one question to a source of evidence.",
            ["source"],
            registry=registry,
            buckets=SECONDS,
        )
        self._judge_runs = Counter(
            "touchstone_judge_runs_total",
            "Runs of claims that were put to a judge: done, failed, left.",
            ["judge", "outcome"],
            registry=registry,
        )
        self._judge_seconds = Histogram(
            "touchstone_judge_seconds",
            "Time for one run of claims, to its last verdict.",
            ["judge"],
            registry=registry,
            buckets=SECONDS,
        )
        self._engine_requests = Counter(
            "touchstone_engine_requests_total",
            "Requests to an engine: done, refused (a status that is no success), failed, left.",
            ["engine", "outcome"],
            registry=registry,
        )
        self._engine_seconds = Histogram(
            "touchstone_engine_seconds",
            "Time for one request to an engine, to the end of its answer.",
            ["engine"],
            registry=registry,
            buckets=SECONDS,
        )
        self._engine_first = Histogram(
            "touchstone_engine_first_chunk_seconds",
            "Time to the first bytes of a streamed answer of an engine.",
            ["engine"],
            registry=registry,
            buckets=SECONDS,
        )
        self._of = {
            RETRIEVAL: ("source", self._searches, self._search_seconds),
            JUDGE: ("judge", self._judge_runs, self._judge_seconds),
            ENGINE: ("engine", self._engine_requests, self._engine_seconds),
        }
        self._kept: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def spent(self, name: str, facts: Mapping[str, Fact], seconds: float, error: BaseException | None) -> None:
        """A span is over."""
        if name not in self._of:
            return
        key = (name, str(facts[self._of[name][0]]), outcome_of(facts, error))
        count, histogram = self._kept.get(key) or self._figures(*key)
        count.inc()
        histogram.observe(seconds)

    def reached(self, moment: str, facts: Mapping[str, Fact], seconds: float) -> None:
        """A moment of a span is there, so long after its beginning."""
        if moment == FIRST_CHUNK:
            self._engine_first.labels(facts["engine"]).observe(seconds)

    def _figures(self, name: str, of: str, outcome: str) -> tuple[Counter, Histogram]:
        """Kept, since looking them up in the registry takes longer than counting."""
        _, counter, histogram = self._of[name]
        found = self._kept[name, of, outcome] = (counter.labels(of, outcome), histogram.labels(of))
        return found


def outcome_of(facts: Mapping[str, Fact], error: BaseException | None) -> str:
    """How a span with these facts ended."""
    if isinstance(error, GeneratorExit | asyncio.CancelledError):
        return LEFT
    if error is not None:
        return EMPTY if isinstance(error, CorpusEmpty) else FAILED
    status = facts.get("status", 200)
    return REFUSED if isinstance(status, int) and status >= 400 else DONE
