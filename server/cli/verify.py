"""`touchstone verify` and `touchstone verify-document`: one verification, here, without a server."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from inference.errors import BadInput
from inference.evidence.file_text import MEDIA_TYPES, FileUnreadable, file_text, known_type, read_bytes
from server.cli.console import err, out
from server.cli.options import takes_settings
from server.cli.progress import progress_line, told
from server.cli.show import show
from server.cli.stdio import VERIFICATION_SETTINGS
from server.house import build_house, open_house
from server.observe.logs import configure_logs
from server.settings import Settings
from server.wire.verification import verification_json
from tools.question import FieldNames, Question
from tools.verify import conclusion

CLI_FIELDS = FieldNames("PROMPT", "RESPONSE", "FILE")

Prompt = Annotated[str, typer.Argument(help="What was asked.")]
Response = Annotated[str, typer.Argument(help="The answer to verify.")]
Correct = Annotated[
    bool, typer.Option("--correct", help="Print the answer too so that only what the evidence supports remains.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the REST endpoint answers.")]


@takes_settings(*VERIFICATION_SETTINGS)
def verify(
    settings: Settings, prompt: Prompt, response: Response, correct: Correct = False, json: Json = False
) -> None:
    """Verify an answer against the corpora and the web."""
    _verify(settings, Question(prompt, response, correct=correct), json)


@takes_settings(*VERIFICATION_SETTINGS)
def verify_document(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="The document: text, Markdown, HTML or PDF.")],
    prompt: Prompt,
    response: Response,
    correct: Correct = False,
    json: Json = False,
) -> None:
    """Verify an answer against a document alone."""
    _verify(settings, Question(prompt, response, _read(file), correct=correct), json)


def _verify(settings: Settings, question: Question, as_json: bool) -> None:
    configure_logs("warning", settings.log_format)
    body = asyncio.run(answer(settings, question, err))
    if as_json:
        typer.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    else:
        show(out, question.prompt, question.response, body)
    raise typer.Exit(1 if body["is_hallucination"] else 0)


def _read(file: Path) -> str:
    """The text of `file`. Raises BadInput saying why it has none."""
    if not known_type(file):
        raise BadInput(f"{file}: files of this type are not read; known are {', '.join(sorted(MEDIA_TYPES))}", "FILE")
    try:
        return file_text(file, read_bytes(file)).text
    except FileUnreadable as error:
        raise BadInput(f"{file}: {error}", "FILE") from error


async def answer(settings: Settings, question: Question, progress: Console | None = None) -> dict[str, Any]:
    """The verification of `question` as the REST endpoint would answer it, search results included.

    What it does meanwhile is shown on `progress`, if that is a terminal.
    """
    house = build_house(settings)
    with progress_line(progress) as say:
        async with open_house(house):
            verification = await conclusion(told(house.verifier.stream(question, CLI_FIELDS), say))
    return verification_json(verification, with_search_results=True)
