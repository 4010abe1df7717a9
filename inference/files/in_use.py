"""Which files are being read, so that nobody takes them away: the inputs of batches that have not ended."""

from sqlalchemy import Select, select

from inference.batches.batch import ENDED, Status
from inference.store.tables import BATCHES

_LIVE = tuple(status for status in Status if status not in ENDED)


def inputs_in_use() -> Select[tuple[str]]:
    """Their ids, as a query."""
    return select(BATCHES.c.input_file_id).where(BATCHES.c.status.in_(_LIVE))
