"""What came of a run, in sum: how many of which verdict, and which are the worst."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from inference.verdict import Label
from server.wire.slim_result import is_failing, slim_result
from tools.batch_results import ResultLine

WORST_MAX = 10
"""Lines that are named. All of them stand in the files."""

ERRORS_MAX = 5
"""Different reasons of failed lines that are named."""


@dataclass(slots=True)
class Tally:
    """Counts results as they are told to it, whatever their number."""

    verdicts: Counter[str] = field(default_factory=Counter)
    hallucinations: int = 0
    answered: int = 0
    """Without a verification."""
    failed: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    _worst: list[tuple[float, int, dict[str, Any]]] = field(default_factory=list)

    def add(self, line: ResultLine) -> None:
        """Counts one."""
        slim = slim_result(line)
        if slim["outcome"] == "failed":
            self.failed += 1
            if slim["error"] in self.errors or len(self.errors) < ERRORS_MAX:
                self.errors[slim["error"]] += 1
        elif slim["outcome"] == "verified":
            self.verdicts[slim["verdict"]] += 1
            self.hallucinations += slim["is_hallucination"]
            if is_failing(slim):
                self._rank(slim)
        else:
            self.answered += 1

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing that a person has to look at."""
        return not self.hallucinations and not self.failed

    @property
    def worst(self) -> list[dict[str, Any]]:
        """The worst first: what is refuted, the surest first; then what has not enough evidence."""
        return [slim for _, _, slim in sorted(self._worst, key=lambda ranked: ranked[:2], reverse=True)]

    def _rank(self, slim: dict[str, Any]) -> None:
        score = 0.5 if slim["score"] is None else slim["score"]
        badness = (1 - score) + (slim["verdict"] == Label.REFUTED)
        entry = (badness, -sum(self.verdicts.values()), slim)  # the earlier one of two that are as bad
        push = heapq.heappush if len(self._worst) < WORST_MAX else heapq.heappushpop
        push(self._worst, entry)
