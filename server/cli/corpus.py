"""`touchstone corpus add | list | remove | search`: a person's own files as evidence."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from inference.evidence.corpus import Corpus, FileOutcome, FileReport
from inference.text.shorten import shorten
from server.cli.console import err, fail, out, warn
from server.cli.options import takes_settings
from server.settings import Settings

HITS_MAX = 50
SNIPPET_CHARS_MAX = 200

corpus_app = typer.Typer(
    help="Your own files as evidence.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@corpus_app.command()
@takes_settings("data_dir")
def add(
    settings: Settings,
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: text, Markdown, HTML, PDF, CSV, JSON.")],
    json: Json = False,
) -> None:
    """Add files, or replace those that have changed. Folders are added with all that is in them."""
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), console=err, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def progress(report: FileReport) -> None:
            bar.update(task, advance=1, description=shorten(report.name, 60))

        reports = asyncio.run(_corpus(settings).add(paths, progress))
    if json:
        _print_json([asdict(report) for report in reports])
    else:
        _print_reports(reports)
    if not reports or any(report.outcome is FileOutcome.FAILED for report in reports):
        raise typer.Exit(2)


@corpus_app.command(name="list")
@takes_settings("data_dir")
def list_documents(settings: Settings, json: Json = False) -> None:
    """List the documents of the corpus."""
    documents = asyncio.run(_corpus(settings).list())
    if json:
        _print_json([asdict(document) for document in documents])
        return
    if not documents:
        out.print("The corpus is empty. Add files with: touchstone corpus add PATH...")
        return
    table = Table("title", "characters", "file", box=None, header_style="dim")
    for document in documents:
        table.add_row(document.title, f"{document.characters:,}", document.name)
    out.print(table)


@corpus_app.command()
@takes_settings("data_dir")
def remove(
    settings: Settings, names: Annotated[list[str], typer.Argument(help="Files, as `corpus list` names them.")]
) -> None:
    """Remove documents from the corpus. The files themselves stay."""
    missing = 0
    for name in names:
        if asyncio.run(_corpus(settings).remove(str(Path(name).absolute()))):
            out.print(f"removed {name}", markup=False)
        else:
            warn(f"{name} is not in the corpus")
            missing += 1
    if missing:
        raise typer.Exit(2)


@corpus_app.command()
@takes_settings("data_dir")
def search(
    settings: Settings,
    query: Annotated[str, typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(min=1, max=HITS_MAX, help="Passages to show.")] = 5,
    json: Json = False,
) -> None:
    """Show the passages that a claim would be judged against."""
    passages = asyncio.run(_corpus(settings).search(query, limit))
    if json:
        _print_json([{"title": p.title, "link": p.link, "start": p.start, "text": p.text} for p in passages])
        return
    if not passages:
        out.print("Nothing found.")
    for passage in passages:
        out.print(passage.title, style="bold cyan", markup=False)
        out.print(shorten(passage.text, SNIPPET_CHARS_MAX), markup=False)


def _corpus(settings: Settings) -> Corpus:
    return Corpus(settings.corpus_file)


def _print_reports(reports: Sequence[FileReport]) -> None:
    if not reports:
        fail("nothing to add was found there")
    for report in reports:
        detail = (
            f" ({report.reason})"
            if report.reason
            else f" ({report.characters:,} characters)"
            if report.characters
            else ""
        )
        out.print(f"{report.outcome.value:>9}  {report.name}{detail}", markup=False, soft_wrap=True)


def _print_json(value: Any) -> None:
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))
