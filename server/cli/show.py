"""A verification in the terminal, from its JSON: the same for a local call and for an answer of the server."""

from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

QUOTE_CHARS_MAX = 240

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
    title = Text(f" {_words(body['verdict'])}{_score(body['score'])} ", style=f"bold {style}")
    parts: list[RenderableType] = [_line("Q", prompt), _line("A", response)]
    for claim in body["claims"]:
        parts += [Text(), *_claim(claim)]
    if not body["claims"]:
        parts += [Text(), Text(body["explanation"], style="dim")]
    console.print(Panel(Group(*parts), title=title, title_align="left", border_style=style, padding=(0, 1)))


def _line(letter: str, text: str) -> Text:
    return Text.assemble((f"{letter}  ", "bold dim"), _short(text))


def _claim(claim: dict[str, Any]) -> list[Text]:
    style = _STYLES[claim["verdict"]]
    lines = [
        Text.assemble((f"{_SIGNS[claim['verdict']]}  ", f"bold {style}"), (claim["text"], "bold")),
        Text.assemble(("   ", ""), (_words(claim["verdict"]), style), (_score(claim["score"]), style)),
        Text(f"   {claim['explanation']}"),
    ]
    for evidence in claim["evidence"][:2]:
        source = evidence["title"] or evidence["source"]
        lines.append(Text.assemble(("   ❝ ", "dim"), (_short(evidence["quote"]), "italic"), (f"  {source}", "cyan")))
    return lines


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")


def _score(score: float | None) -> str:
    return "" if score is None else f", score {score:.2f}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTE_CHARS_MAX else line[: QUOTE_CHARS_MAX - 1] + "…"
