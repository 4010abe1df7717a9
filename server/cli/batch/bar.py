"""What a run does, while it does it: a bar on a terminal, a line now and then elsewhere."""

import contextlib
import time
from collections.abc import Iterator
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from inference.batches.batch import Batch, Status
from server.cli.batch.meter import Meter, clock_text

LINE_EVERY_S = 5.0
"""Seconds between two lines where there is no terminal."""

BAR_COLUMNS = 24

BESIDE_COLUMNS = 14
"""Of a narrow terminal, for what stands before the counts: the spinner, a word, and what is left of the bar."""

_DOING = {
    Status.VALIDATING: "reading the lines",
    Status.FINALIZING: "closing",
    Status.CANCELLING: "cancelling",
}


class Shown(Protocol):
    """Where the course of a run is shown."""

    def say(self, doing: str) -> None:
        """What is done now, before or after there are lines to count."""
        ...

    def show(self, batch: Batch) -> None:
        """How far the batch is."""
        ...


@contextlib.contextmanager
def shown_on(console: Console) -> Iterator[Shown]:
    """Shows the course on `console`."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=BAR_COLUMNS),
        TextColumn("{task.fields[counts]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress)


class _Bar:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None, counts="")
        self._meter = Meter()

    def say(self, doing: str) -> None:
        self._progress.update(self._task, description=doing, total=None, counts="")

    def show(self, batch: Batch) -> None:
        done = batch.completed + batch.failed
        if batch.status is Status.IN_PROGRESS:
            self._meter.tell(time.monotonic(), done)
        self._progress.update(
            self._task,
            description=_DOING.get(batch.status, "running"),
            completed=done,
            total=batch.total or None,
            counts=counts_text(batch, self._meter, self._progress.console.width - BESIDE_COLUMNS)
            if batch.total
            else "",
        )


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._meter = Meter()
        self._said_s = time.monotonic()

    def say(self, doing: str) -> None:
        self._console.print(doing, markup=False, soft_wrap=True)

    def show(self, batch: Batch) -> None:
        now_s = time.monotonic()
        if batch.status is Status.IN_PROGRESS:
            self._meter.tell(now_s, batch.completed + batch.failed)
        if now_s - self._said_s < LINE_EVERY_S:
            return
        self._said_s = now_s
        text = counts_text(batch, self._meter) if batch.total else _DOING.get(batch.status, "running")
        self._console.print(text, markup=False, soft_wrap=True)


def counts_text(batch: Batch, meter: Meter, width: int | None = None) -> str:
    """Lines, failures, time left, rate; where that is wider than `width`, what comes last is left out."""
    rate = meter.lines_per_s
    parts = [
        f"{batch.completed + batch.failed:,} of {batch.total:,} lines",
        f"{batch.failed:,} failed" if batch.failed else "",
        f"{clock_text(meter.left_s(batch.total))} left" if batch.status is Status.IN_PROGRESS else "",
        f"{rate:,.{1 if rate < 100 else 0}f} lines/s" if rate is not None else "",
    ]
    parts = list(filter(None, parts))
    while width is not None and len(parts) > 1 and len(", ".join(parts)) > width:
        parts.pop()
    return ", ".join(parts)
