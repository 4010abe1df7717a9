"""Batches in a table, one a line. Pure, but for the time zone.

An id is there to be copied, so nothing is ever cut or broken: on a narrow terminal the last columns are left out.
"""

import time
from collections.abc import Sequence

from inference.batches.batch import Batch

GAP = "  "


def listed(batches: Sequence[Batch], width: int | None) -> list[str]:
    """The lines, a header first, none longer than `width` unless an id is. None is as wide as it takes."""
    columns = [
        ["id", *(batch.id for batch in batches)],
        ["status", *(batch.status for batch in batches)],
        ["done", *(_done(batch) for batch in batches)],
        ["failed", *(f"{batch.failed:,}" if batch.failed else "" for batch in batches)],
        ["made", *(time.strftime("%Y-%m-%d %H:%M", time.localtime(batch.created_at)) for batch in batches)],
        ["endpoint", *(batch.endpoint.value for batch in batches)],
    ]
    padded = [[cell.ljust(max(map(len, column))) for cell in column] for column in columns]
    while width is not None and len(padded) > 1 and len(GAP.join(column[0] for column in padded)) > width:
        padded.pop()
    return [GAP.join(cells).rstrip() for cells in zip(*padded, strict=True)]


def _done(batch: Batch) -> str:
    return f"{batch.completed + batch.failed:,} of {batch.total:,}" if batch.total else ""
