"""A verification in the terminal, from its JSON: the same for a local call and for an answer of the server."""

from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from inference.explain import NO_ANSWER, REMEMBERED, SOURCES_ASKED
from inference.text.shorten import shorten
from inference.verdict import Basis, Label
from server.cli.show_correction import show_correction

TEXT_CHARS_MAX = 240  # of a question, an answer or a quote on the screen; --json has them whole
EVIDENCE_SHOWN_MAX = 2

_STYLES = {
    "supported": "green",
    "refuted": "red",
    "not_enough_evidence": "yellow",
    "nothing_to_check": "dim",
}
_SIGNS = {"supported": "✔", "refuted": "✘", "not_enough_evidence": "?", "nothing_to_check": "·"}


def show(console: Console, prompt: str, response: str, body: dict[str, Any]) -> None:
    """Prints question, answer, verdict, and each claim with its evidence."""
    style = _STYLES[body["verdict"]]
    grid = Table.grid(padding=(0, 1))  # a narrow column for signs, and one in which long text wraps
    grid.add_row(Text("Q", style="bold dim"), _short(prompt))
    grid.add_row(Text("A", style="bold dim"), _short(response))
    for claim in body["claims"]:
        grid.add_row()
        _add_claim(grid, claim, _without_score(claim, body))
    if not body["claims"]:
        grid.add_row()
        grid.add_row("", Text(body["explanation"], style="dim"))
    for line in body["explanation"].splitlines():
        if line.startswith((SOURCES_ASKED, NO_ANSWER)):  # what might have decided an open claim, and did not
            grid.add_row("", Text(line, style="dim"))
    without = "no score" if body["claims"] else ""
    title = Text(f" {_words(body['verdict'])}{_score(body['score'], without)} ", style=f"bold {style}")
    console.print(Panel(grid, title=title, title_align="left", border_style=style, padding=(0, 1)))
    if "correction" in body:
        show_correction(console, body["correction"])


def _add_claim(grid: Table, claim: dict[str, Any], without_score: str) -> None:
    style = _STYLES[claim["verdict"]]
    grid.add_row(Text(_SIGNS[claim["verdict"]], style=f"bold {style}"), Text(claim["text"], style="bold"))
    grid.add_row("", Text(f"{_words(claim['verdict'])}{_score(claim['score'], without_score)}", style=style))
    grid.add_row("", Text(claim["explanation"]))
    remembered = REMEMBERED.get(Label(claim["verdict"])) if claim["basis"] == Basis.MODEL_KNOWLEDGE else None
    if remembered and remembered not in claim["explanation"]:
        grid.add_row("", Text(remembered, style="yellow"))
    for evidence in claim["evidence"][:EVIDENCE_SHOWN_MAX]:
        quote = Text.assemble((_short(evidence["quote"]).plain, "italic"), "  ", (_source(evidence), "cyan"))
        grid.add_row(Text("❝", style="dim"), quote)


def _without_score(claim: dict[str, Any], body: dict[str, Any]) -> str:
    """What a missing score means: a judge with a prompt is a language model, and its engine tells no probabilities."""
    by_model = claim["verdict"] != Label.NOT_ENOUGH_EVIDENCE or body["provenance"]["prompt"]
    return "no probability" if by_model else "not judged"


def _source(evidence: dict[str, Any]) -> str:
    return str(evidence["title"] or evidence["source"])


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")


def _score(score: float | None, without: str) -> str:
    """The score after a comma, or what is said `without` one."""
    said = without if score is None else f"score {score:.2f}"
    return f", {said}" if said else ""


def _short(text: str) -> Text:
    return Text(shorten(text, TEXT_CHARS_MAX))
