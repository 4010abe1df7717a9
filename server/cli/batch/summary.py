"""The end of a run, for a person."""

from rich.table import Table
from rich.text import Text

from inference.batches.batch import Batch, Status
from inference.text.shorten import shorten
from inference.verdict import Verdict
from server.cli.batch.outcome import Outcome
from server.cli.console import err, out, warn

_STYLES = {
    Verdict.SUPPORTED.value: "green",
    Verdict.REFUTED.value: "red",
    Verdict.NOT_ENOUGH_EVIDENCE.value: "yellow",
    Verdict.NOTHING_TO_CHECK.value: "dim",
}

CLAIM_CHARS_MAX = 160


def print_summary(batch: Batch, outcome: Outcome) -> None:
    """Prints counts, the worst lines, reasons of failures, and where the whole is."""
    tally = outcome.tally
    counts = Table.grid(padding=(0, 2))
    counts.add_column(justify="right")
    for verdict, style in _STYLES.items():
        if tally.verdicts[verdict]:
            counts.add_row(Text(f"{tally.verdicts[verdict]:,}", style=f"bold {style}"), verdict.replace("_", " "))
    if tally.answered:
        counts.add_row(Text(f"{tally.answered:,}", style="bold green"), "answered")
    if tally.failed:
        counts.add_row(Text(f"{tally.failed:,}", style="bold red"), "failed: no answer, and no verdict")
    out.print(counts)
    _print_worst(outcome)
    for reason, lines in tally.errors.most_common():
        often = "once" if lines == 1 else f"{lines:,} times"
        out.print(Text.assemble(("failed ", "red"), f"{often}: ", shorten(reason, CLAIM_CHARS_MAX)))
    if batch.status is not Status.COMPLETED:
        warn(f"the batch is {batch.status}: these are the results of the lines that were done until then")
    out.print(Text.assemble("results  ", (str(outcome.results), "cyan")), soft_wrap=True)
    if outcome.errors is not None:
        out.print(Text.assemble("errors   ", (str(outcome.errors), "cyan")), soft_wrap=True)
    err.print(Text(f"batch    {batch.id}", style="dim"))


def _print_worst(outcome: Outcome) -> None:
    worst = outcome.tally.worst
    if not worst:
        return
    out.print()
    out.print(Text("The worst" if outcome.tally.hallucinations > len(worst) else "Not to be trusted", style="bold"))
    grid = Table.grid(padding=(0, 2))
    for slim in worst:
        score = "" if slim["score"] is None else f"{slim['score']:.2f}"
        claim = slim["failed_claims"][0]["text"] if slim["failed_claims"] else ""
        grid.add_row(
            Text(slim["custom_id"], style="bold"),
            Text(slim["verdict"].replace("_", " "), style=_STYLES.get(slim["verdict"], "")),
            score,
            Text(shorten(claim, CLAIM_CHARS_MAX)),
        )
    out.print(grid)
    out.print()
