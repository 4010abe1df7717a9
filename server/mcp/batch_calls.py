"""Calls of the batch tools."""

import asyncio
from collections.abc import Sequence
from typing import Any

import mcp_types as types

from inference.batches.batch import ENDED, Batch, Endpoint, Status
from inference.errors import BadInput, TooLarge
from inference.files.file import Purpose
from server.house import House
from server.mcp.batch_arguments import (
    INLINE_LINES_MAX,
    BatchCancelArguments,
    BatchGetArguments,
    BatchLine,
    BatchListArguments,
    BatchResultsArguments,
    BatchSubmitArguments,
)
from server.mcp.batch_result import (
    RESULTS_BYTES_MAX,
    batch_list_json,
    batch_result_json,
    counts_json,
    size_of,
)
from server.mcp.caller import caller_of
from server.mcp.outcome import success
from server.mcp.progress import Progress, progress_of
from server.wire.slim_result import is_failing, slim_result
from tools.batch_input import request_line, verify_line
from tools.batch_results import LINES_MAX, Cursor, ResultPage

LOOK_S = 0.5
"""Between two looks at a batch that is waited for."""

PASSED_OVER_MAX = 5_000
"""Results that hold, passed over in one call that wants those that fail."""

INLINE_NAME = "lines.jsonl"


async def batch_submit(house: House, ctx: Any, asked: BatchSubmitArguments) -> types.CallToolResult:
    """Raises BadInput, TooLarge, NotFound, StoreUnavailable and BlobsUnavailable."""
    if bool(asked.lines) == bool(asked.file_id):
        which = "both lines and file_id are given" if asked.file_id else "neither lines nor file_id is given"
        raise BadInput(f"{which}; send one of them.", "lines")
    caller = caller_of(ctx)
    owner = caller.owner
    file_id = asked.file_id or await _keep_lines(house, owner, asked)
    try:
        batch = await house.batches.create(
            owner,
            input_file_id=file_id,
            endpoint=asked.endpoint,
            completion_window=asked.completion_window,
            metadata=asked.metadata,
            key_id=caller.key_id,
            plan=caller.plan,
        )
    except BaseException:
        if asked.lines:
            await house.storage.files.delete(owner, file_id)
        raise
    return success(batch_result_json(batch))


async def _keep_lines(house: House, owner: str, asked: BatchSubmitArguments) -> str:
    text = inline_input(asked.lines, asked.endpoint)
    return (await house.files.keep(owner, text, filename=INLINE_NAME, purpose=Purpose.BATCH)).id


def inline_input(lines: Sequence[BatchLine], endpoint: str) -> bytes:
    """The input file that `lines` are. Raises BadInput and TooLarge, naming the line."""
    if len(lines) > INLINE_LINES_MAX:
        raise TooLarge(
            f"lines: {len(lines):,} lines; the limit is {INLINE_LINES_MAX:,} in one call. Upload a file with "
            "POST /v1/files for purpose batch and send its id as file_id, or make several batches.",
            "lines",
        )
    return b"".join(_inline_line(number, line, endpoint) for number, line in enumerate(lines))


def _inline_line(number: int, line: BatchLine, endpoint: str) -> bytes:
    custom_id = line.custom_id or f"line-{number + 1}"
    if line.body:
        if line.prompt or line.response or line.document:
            raise BadInput(f"lines.{number} has a body, and prompt, response or document beside it.", f"lines.{number}")
        try:
            return request_line(custom_id, line.method, line.url or endpoint, line.body)
        except BadInput as error:
            raise BadInput(f"lines.{number}.{error.message}", f"lines.{number}.body") from None
    if endpoint != Endpoint.VERIFY:
        raise BadInput(f"lines.{number} has no body, which a request to {endpoint} needs.", f"lines.{number}.body")
    for name in ("prompt", "response"):
        if not getattr(line, name).strip():
            raise BadInput(f"lines.{number}.{name} is empty; send what was asked and the answer to verify.", name)
    return verify_line(custom_id, line.prompt, line.response, line.document)


async def batch_get(house: House, ctx: Any, asked: BatchGetArguments) -> types.CallToolResult:
    """Raises NotFound and StoreUnavailable."""
    owner = caller_of(ctx).owner
    batch = await house.batches.get(owner, asked.batch_id)
    if asked.wait_s and batch.status not in ENDED:
        async with progress_of(ctx, "waiting for the batch") as progress:
            batch = await _wait(house, owner, batch, asked.wait_s, progress)
    return success(batch_result_json(batch))


async def _wait(house: House, owner: str, batch: Batch, wait_s: float, progress: Progress) -> Batch:
    """The batch as it is when it has ended, or after `wait_s`."""
    deadline = asyncio.get_running_loop().time() + wait_s
    while batch.status not in ENDED:
        progress.doing = _doing(batch)
        if batch.total:
            await progress.reach(batch.completed + batch.failed, batch.total, progress.doing)
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            break
        await asyncio.sleep(min(LOOK_S, left))
        batch = await house.batches.get(owner, batch.id)
    return batch


def _doing(batch: Batch) -> str:
    if batch.status is Status.VALIDATING:
        return "reading the input"
    failed = f", {batch.failed:,} failed" if batch.failed else ""
    return f"{batch.status.value}: {batch.completed + batch.failed:,} of {batch.total:,} lines{failed}"


async def batch_results(house: House, ctx: Any, asked: BatchResultsArguments) -> types.CallToolResult:
    """Raises BadInput, NotFound, StoreUnavailable and BlobsUnavailable."""
    return success(await results_json(house, caller_of(ctx).owner, asked))


async def results_json(house: House, owner: str, asked: BatchResultsArguments) -> dict[str, Any]:
    """`BatchResultsResult` as plain values. Raises as `batch_results`."""
    cursor = Cursor.of(asked.cursor)
    kept: list[dict[str, Any]] = []
    room, passed_over = RESULTS_BYTES_MAX, 0
    while True:
        page = await _page(house, owner, asked, cursor)
        full = False
        for line in page.lines:
            slim = slim_result(line)
            if asked.only_failing and not is_failing(slim):
                passed_over += 1
            else:
                room -= size_of(slim)
                if full := bool(kept) and room < 0:
                    break
                kept.append(slim)
            cursor = line.after
            if full := len(kept) >= asked.limit or passed_over >= PASSED_OVER_MAX:
                break
        has_more = page.has_more or (bool(page.lines) and cursor != page.lines[-1].after)
        if full or not page.has_more:
            return _results(page, kept, cursor, has_more)


async def _page(house: House, owner: str, asked: BatchResultsArguments, cursor: Cursor) -> ResultPage:
    lines_max = LINES_MAX if asked.only_failing else asked.limit
    return await house.storage.batch_results.page(owner, asked.batch_id, cursor, lines_max)


def _results(page: ResultPage, kept: Sequence[dict[str, Any]], cursor: Cursor, has_more: bool) -> dict[str, Any]:
    batch = page.batch
    ended = batch.status in ENDED
    if has_more:
        what = "Call batch_results again with next_cursor as cursor for the next results."
    elif ended:
        what = "These were the last results."
    else:
        what = (
            f"The batch is {_doing(batch)}. Call batch_get with wait_s, then batch_results with next_cursor as cursor "
            "for what has come since."
        )
    return {
        "batch_id": batch.id,
        "status": batch.status.value,
        "request_counts": counts_json(batch),
        "results": list(kept),
        "has_more": has_more,
        "next_cursor": "" if ended and not has_more else str(cursor),
        "next": what,
    }


async def batch_list(house: House, ctx: Any, asked: BatchListArguments) -> types.CallToolResult:
    """Raises NotFound and StoreUnavailable."""
    page = await house.batches.page(caller_of(ctx).owner, after=asked.after or None, limit=asked.limit)
    return success(batch_list_json(page))


async def batch_cancel(house: House, ctx: Any, asked: BatchCancelArguments) -> types.CallToolResult:
    """Raises NotFound, WrongState and StoreUnavailable."""
    batch = await house.batches.cancel(caller_of(ctx).owner, asked.batch_id)
    return success(batch_result_json(batch))
