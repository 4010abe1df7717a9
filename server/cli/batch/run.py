"""`touchstone batch run FILE`: a batch from beginning to end, in this process and in the data folder.

What is answered is kept as it comes, so a run may be stopped, or killed, at any moment: the same command goes on from
there, and asks nothing again that was answered. Its lines are answered by runs of this command alone: a server with the
same data folder may have another judge and other engines. It reads the file and makes the results as for any batch.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from inference.batches.batch import ENDED, Batch, Endpoint, Status
from inference.batches.completion_window import window_s
from inference.errors import BadInput, NotFound
from inference.judges.cross_encoder.custom.choice import prepare
from inference.text.shorten import shorten
from server.accounts.caller import LOCAL, LOCAL_OWNER
from server.background.executing import build_worker
from server.background.sweeping import sweeping
from server.cli.batch.bar import Shown, shown_on
from server.cli.batch.outcome import Outcome, Places, write_outcome
from server.cli.batch.rows import read_and_unread
from server.cli.batch.source import Source, source_of
from server.cli.batch.summary import print_summary
from server.cli.console import err, warn
from server.cli.options import takes_settings
from server.cli.stopping import told_to_stop
from server.cli.worker import WORKER_SETTINGS
from server.house import House, build_house, keeping, loading_judge, open_house, running_models
from server.observe.logs import configure_logs
from server.settings import Settings
from server.wire.batches import batch_json
from tools.batch_input import keep_input
from tools.batch_results import Cursor
from tools.batches import PAGE_MAX

RUN = "touchstone_run"
"""Name in the metadata of a batch under which its digest stands: the same command finds it again."""

KEPT_S = 30 * 24 * 3600
"""Seconds after which the copies in the data folder of input and results are deleted, by the next run or a server."""

WINDOW = "14d"
"""Within which a run that was stopped can be gone on with."""

LOOK_S = 0.25
"""Between two looks at the batch."""

ERRORS_SHOWN_MAX = 10

UNREAD_CHARS_SHOWN_MAX = 500
"""Of the line that names columns."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

_MEANWHILE = "lines for its models are tried again for a quarter of an hour, or until you stop with Ctrl-C"

_LIVING = frozenset({Status.VALIDATING, Status.IN_PROGRESS, Status.FINALIZING})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for."""

    source: Source
    places: Places
    window: str
    again: bool


@takes_settings(*WORKER_SETTINGS)
def run(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="Requests as JSONL, or with --verify rows of answers.")],
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="FILE has rows of answers to check, as JSONL or CSV: prompt or question; output, response or answer; "
            "and, if only that is to count, context or document.",
        ),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where the results go; else FILE.results.jsonl.")
    ] = None,
    endpoint: Annotated[str, typer.Option("--endpoint", help="What they ask; else as the first one says.")] = "",
    window: Annotated[
        str, typer.Option("--window", help="Minutes, hours or days (30m, 24h, 7d) after which the rest is given up.")
    ] = WINDOW,
    again: Annotated[bool, typer.Option("--again", help="Run it anew though it is finished.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run a file of requests, or verify a file of answers.

    Ctrl-C keeps what is done; the same command goes on from there. Exits with 1 if an answer is not to be trusted or a
    line failed, with 2 if nothing could be run, with 130 after Ctrl-C.
    """
    window_s(window)
    asked = Asked(source_of(file, verify, endpoint), Places.beside(file, output), window, again)
    prepare(settings.cpu_judge, settings.models_dir)
    batch, outcome = asyncio.run(_run(build_house(settings), asked))
    if outcome is None:
        _print_unfinished(batch)
        raise typer.Exit(INTERRUPTED)
    if json:
        typer.echo(orjson.dumps(_summary_json(batch, outcome), option=orjson.OPT_INDENT_2))
    else:
        print_summary(batch, outcome)
    raise typer.Exit(0 if outcome.tally.is_fine and batch.status is Status.COMPLETED else 1)


async def _run(house: House, asked: Asked) -> tuple[Batch, Outcome | None]:
    """The batch at its end and what was written; no outcome if it was told to stop before."""
    with told_to_stop() as told:
        async with open_house(house), keeping(house):
            with shown_on(err) as shown:
                configure_logs(
                    "warning", house.settings.log_format
                )  # within the bar, which then makes room for the lines
                batch = await _begun(house, asked, shown)
                if batch.status not in ENDED:
                    async with sweeping(house.storage), _models(house, asked.source):
                        batch = await _worked_off(house, batch, shown, told)
                if batch.status not in ENDED:
                    return batch, None
                _check_ending(batch)
                shown.say("writing the results")
                return batch, await write_outcome(house.storage, LOCAL_OWNER, batch.id, asked.places)


@contextlib.asynccontextmanager
async def _models(house: House, source: Source) -> AsyncIterator[None]:
    """What answers, up. A judge that cannot judge is said at once, not a line at a time."""
    async with running_models(house):
        if house.settings.model:  # they take minutes, and lines wait for them
            async with loading_judge(house):
                yield
            return
        if source.endpoint is Endpoint.VERIFY:
            await house.verifier.judge.check()
        else:
            for reason in (await house.engines.failures()).values():
                warn(f"{reason}; {_MEANWHILE}")
        yield


async def _begun(house: House, asked: Asked, shown: Shown) -> Batch:
    """The batch of an earlier call of the same command, or a new one. Raises as `Batches.create`, and BadInput."""
    source = asked.source
    shown.say(f"reading {source.path.name}")
    digest = await asyncio.to_thread(source.digest, house.settings)
    if (earlier := await _earlier(house, digest, asked.again)) is not None:
        _print_earlier(earlier)
        return earlier
    if source.verify:
        await asyncio.to_thread(_print_unread, source.path)
    storage = house.storage
    file = await keep_input(
        storage.files,
        storage.blobs,
        LOCAL_OWNER,
        source.path.name,
        source.chunks(),
        expires_after_s=KEPT_S,
    )
    try:
        return await house.batches.create(
            LOCAL_OWNER,
            input_file_id=file.id,
            endpoint=source.endpoint,
            completion_window=asked.window,
            metadata={RUN: digest},
            output_expires_after_s=KEPT_S,
            kept_for=digest,
            key_id=LOCAL.key_id,
        )
    except BaseException:
        await storage.files.delete(LOCAL_OWNER, file.id)
        raise


async def _earlier(house: House, digest: str, again: bool) -> Batch | None:
    """The newest batch of the same command that is not finished, or, unless it is to run again, that is."""
    after: str | None = None
    while True:
        page = await house.batches.page(LOCAL_OWNER, after=after, limit=PAGE_MAX)
        for batch in page.batches:
            if batch.metadata.get(RUN) != digest:
                continue
            if batch.status in _LIVING and batch.ending is None:
                return batch
            if batch.status is Status.COMPLETED and not again and await _has_results(house, batch):
                return batch
        if not page.has_more:
            return None
        after = page.batches[-1].id


async def _has_results(house: House, batch: Batch) -> bool:
    try:
        await house.storage.batch_results.page(LOCAL_OWNER, batch.id, Cursor(), 1)
    except NotFound:
        return False
    return True


async def _worked_off(house: House, batch: Batch, shown: Shown, told: asyncio.Event) -> Batch:
    """The batch when it has ended, or as it was when it was told to stop. Raises what ends the worker."""
    working = asyncio.create_task(build_worker(house, kept_for=batch.kept_for).run())
    try:
        while batch.status not in ENDED and not told.is_set():
            shown.show(batch)
            if working.done():
                await working
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await told.wait()
            batch = await house.batches.get(LOCAL_OWNER, batch.id)
        if batch.status not in ENDED:
            shown.say("stopping, and keeping what was answered")
    finally:
        working.cancel()
        await asyncio.wait({working})
    return await house.batches.get(LOCAL_OWNER, batch.id)


def _check_ending(batch: Batch) -> None:
    """Raises BadInput for a batch that never ran."""
    if batch.status is not Status.FAILED:
        return
    errors = batch.errors[:ERRORS_SHOWN_MAX]
    said = [f"line {error.line}: {error.message}" if error.line else error.message for error in errors]
    more = [f"and {len(batch.errors) - len(errors):,} more"] if len(batch.errors) > len(errors) else []
    raise BadInput("\n".join(["nothing was run, since the file has faults:", *said, *more]), "FILE")


def _print_unread(path: Path) -> None:
    """Says which columns are left alone: an answer is checked otherwise where its document is not seen to be one."""
    read, unread = read_and_unread(path)
    if unread:
        text = f"Of each row are read: {', '.join(read) or 'nothing'}. Not read: {', '.join(unread)}."
        err.print(shorten(text, UNREAD_CHARS_SHOWN_MAX), markup=False, soft_wrap=True)


def _print_earlier(batch: Batch) -> None:
    if batch.status is Status.COMPLETED:
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(batch.created_at))
        text = f"This was run before ({made}), and these are its results. --again runs it anew."
    else:
        text = f"Going on with {batch.id}, of which {batch.completed + batch.failed:,} lines are done."
    err.print(text, markup=False, soft_wrap=True)


def _print_unfinished(batch: Batch) -> None:
    done = batch.completed + batch.failed
    far = f"Stopped at {done:,} of {batch.total:,} lines" if batch.total else "Stopped while the lines were read"
    err.print(f"{far}. What is done is kept ({batch.id}).", markup=False, soft_wrap=True)
    err.print("The same command goes on from there.", markup=False)


def _summary_json(batch: Batch, outcome: Outcome) -> dict[str, Any]:
    tally = outcome.tally
    return {
        "batch": batch_json(batch),
        "results": str(outcome.results),
        "errors": str(outcome.errors) if outcome.errors else None,
        "verdicts": dict(tally.verdicts),
        "hallucinations": tally.hallucinations,
        "answered": tally.answered,
        "failed": tally.failed,
        "worst": tally.worst,
    }
