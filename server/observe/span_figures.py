"""What the spans of requests and batches add to the figures: searches, judges, engines; how long and how they ended."""

import asyncio
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Histogram

from inference.errors import CorpusEmpty
from inference.spans import ENGINE, FIRST_CHUNK, JUDGE, RETRIEVAL, Fact
from server.observe.tallies import SECONDS, Tallies

DONE, EMPTY, REFUSED, FAILED, LEFT = "done", "empty", "refused", "failed", "left"
"""How a span ends. LEFT: nobody waited for it any more."""


class SpanFigures:
    """Labels are names out of the settings: sources, judges, engines."""

    def __init__(self, registry: CollectorRegistry) -> None:
        searches = Tallies(
            (
                "touchstone_searches_total",
                "Questions to a source of evidence: done, empty (a corpus without documents), failed, left.",
            ),
            ("touchstone_search_seconds", "Time for one question to a source of evidence."),
            what="source",
            how="outcome",
            registry=registry,
        )
        judge_runs = Tallies(
            ("touchstone_judge_runs_total", "Runs of claims that were put to a judge: done, failed, left."),
            ("touchstone_judge_seconds", "Time for one run of claims, to its last verdict."),
            what="judge",
            how="outcome",
            registry=registry,
        )
        engine_requests = Tallies(
            (
                "touchstone_engine_requests_total",
                "Requests to an engine: done, refused (a status that is no success), failed, left.",
            ),
            ("touchstone_engine_seconds", "Time for one request to an engine, to the end of its answer."),
            what="engine",
            how="outcome",
            registry=registry,
        )
        self._engine_first = Histogram(
            "touchstone_engine_first_chunk_seconds",
            "Time to the first bytes of a streamed answer of an engine.",
            ["engine"],
            registry=registry,
            buckets=SECONDS,
        )
        self._of = {
            RETRIEVAL: ("source", searches),
            JUDGE: ("judge", judge_runs),
            ENGINE: ("engine", engine_requests),
        }

    def spent(self, name: str, facts: Mapping[str, Fact], seconds: float, error: BaseException | None) -> None:
        """A span is over."""
        of = self._of.get(name)
        if of is not None:
            of[1].of(str(facts[of[0]]), outcome_of(facts, error)).note(seconds)

    def reached(self, moment: str, facts: Mapping[str, Fact], seconds: float) -> None:
        """A moment of a span is there, so long after its beginning."""
        if moment == FIRST_CHUNK:
            self._engine_first.labels(facts["engine"]).observe(seconds)


def outcome_of(facts: Mapping[str, Fact], error: BaseException | None) -> str:
    """How a span with these facts ended."""
    if error is not None:
        if isinstance(error, GeneratorExit | asyncio.CancelledError):
            return LEFT
        return EMPTY if isinstance(error, CorpusEmpty) else FAILED
    status = facts.get("status", 200)
    return REFUSED if isinstance(status, int) and status >= 400 else DONE
