"""A correction in the terminal: the corrected answer, whole, and below it what was changed and why."""

from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from inference.text.shorten import shorten

EDIT_CHARS_MAX = 240  # of what was removed or put in, on the screen; --json has it whole
_NOTHING_LEFT = "Nothing is left: the evidence supports no claim of the answer."


def show_correction(console: Console, correction: dict[str, Any]) -> None:
    """Prints the corrected answer, and each edit: what went, what came in its place, and the reason."""
    grid = Table.grid(padding=(0, 1))
    for edit in correction["edits"]:
        grid.add_row()
        grid.add_row(Text("−", style="bold red"), Text(_short(edit["original"]), style="red"))
        if edit["replacement"].strip():
            grid.add_row(Text("+", style="bold green"), Text(_short(edit["replacement"]), style="green"))
        grid.add_row("", Text(edit["reason"], style="dim"))
    title = Text(" corrected " if correction["edits"] else " nothing to correct ", style="bold")
    text = Text(correction["text"]) if correction["text"].strip() else Text(_NOTHING_LEFT, style="dim")
    content = Table.grid()
    content.add_row(text)
    if correction["edits"]:
        content.add_row(grid)
    console.print(Panel(content, title=title, title_align="left", padding=(0, 1)))


def _short(text: str) -> str:
    return shorten(" ".join(text.split()), EDIT_CHARS_MAX)
