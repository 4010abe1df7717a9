"""A run's figures as text, as Markdown and as JSON. Pure: it returns texts, and prints and writes nothing."""

import json
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.figures import table
from training.evaluation.asking import TIMED_MAX
from training.evaluation.baselines import NAMES
from training.evaluation.measures import ECE_BINS
from training.evaluation.results import Row, mean_row

TEXT_WIDTH = 120  # characters in a line of the header
_UNDEFINED = "–"
_JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Report:
    """One run: which judge, how much of each set, and the rows of each set, the whole before its parts."""

    judge: str
    limit: int
    concurrency: int
    sets: list[list[Row]]

    @property
    def rows(self) -> list[Row]:
        """All rows; the mean, over whole sets, comes last."""
        return [*(row for one in self.sets for row in one), mean_row([one[0] for one in self.sets])]

    def header(self) -> str:
        """What was measured, and what the figures mean."""
        of_each = f"at most {self.limit} records of each set" if self.limit else "all records of each set"
        return (
            f"Judge {self.judge}, {of_each}. Balanced accuracy and F1 of the flag, F1 for the unsupported class; AUROC "
            f"of 1 - score; ECE of the score in {ECE_BINS} bins of equal width; 3-way: the verdict against three "
            f"labels. Latency of a request from its first {TIMED_MAX} records at most, one after another; the rest "
            f"{self.concurrency} at once. A response without a score counts as 0.5. The mean counts each set once."
        )

    def text(self) -> str:
        figures = "\n\n".join(table(columns) for columns in (_measured(self.rows), _compared(self.rows)))
        return f"{textwrap.fill(self.header(), TEXT_WIDTH)}\n\n{figures}\n"

    def markdown(self) -> str:
        figures = "\n\n".join(_markdown(columns) for columns in (_measured(self.rows), _compared(self.rows)))
        return f"{self.header()}\n\n{figures}\n"

    def json(self) -> str:
        """The same, unrounded; what is not defined is null."""
        content: dict[str, Any] = {
            "judge": self.judge,
            "limit": self.limit,
            "concurrency": self.concurrency,
            "ece_bins": f"{ECE_BINS} of equal width",
            "sets": {row.name: _plain(row) for one in self.sets for row in one},
            "mean": _plain(self.rows[-1]),
        }
        return json.dumps(content, indent=2) + "\n"


def _measured(rows: Sequence[Row]) -> list[list[str]]:
    """The judge alone."""
    columns: dict[str, Callable[[Row], str]] = {
        "set": lambda row: row.name,
        "n": lambda row: str(row.n),
        "bal. acc.": lambda row: _figure(row.judge.balanced_accuracy),
        "AUROC": lambda row: _figure(row.judge.auroc),
        "ECE": lambda row: _figure(row.ece),
        "F1": lambda row: _figure(row.f1),
        "3-way": lambda row: _figure(row.three_way),
        "nothing to check": lambda row: _figure(row.nothing_to_check, "{:.1%}"),
        "no score": lambda row: str(row.no_score),
        "failed": lambda row: str(row.failed),
        "p50 ms": lambda row: _figure(row.p50_ms, "{:.1f}"),
        "p95 ms": lambda row: _figure(row.p95_ms, "{:.1f}"),
    }
    return [list(columns), *([cell(row) for cell in columns.values()] for row in rows)]


def _compared(rows: Sequence[Row]) -> list[list[str]]:
    """The judge beside the baselines."""
    headings = ["set"]
    for measure in ("bal. acc.", "AUROC"):
        headings += [f"{measure} {name}" for name in (_JUDGE, *NAMES)]
    body = []
    for row in rows:
        each = [row.judge, *(row.baselines[name] for name in NAMES)]
        body.append([row.name, *(_figure(q.balanced_accuracy) for q in each), *(_figure(q.auroc) for q in each)])
    return [headings, *body]


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    heading, *body = rows
    marks = ["---", *["---:"] * (len(heading) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heading, marks, *body))


def _figure(value: float | None, form: str = "{:.3f}") -> str:
    return _UNDEFINED if value is None else form.format(value)


def _plain(row: Row) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "name"}
