"""Draws docs/verdict.svg: a real verdict, as the terminal shows it. Run by `make picture`."""

import asyncio
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from server.cli.show import show
from server.cli.verify import answer
from server.settings import Settings
from tools.question import Question

QUESTION = Question(
    "Tell me about the Eiffel Tower.",
    "The Eiffel Tower is located in Rome. It was completed in 1889. It weighs 94 elephants.",
)
COLUMNS = 100
PICTURE = Path(__file__).parent / "verdict.svg"


def draw() -> str:
    """The picture as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), highlight=False)
    console.print(Text.assemble(("$ ", "dim"), f'touchstone verify "{QUESTION.prompt}" \\'))
    console.print(Text(f'    "{QUESTION.response}"'))
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), web_search=False)
        show(console, QUESTION.prompt, QUESTION.response, asyncio.run(answer(settings, QUESTION)))
    return console.export_svg(title="touchstone", unique_id="verdict")


if __name__ == "__main__":
    PICTURE.write_text(draw())
