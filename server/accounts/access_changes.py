"""How often keys and tokens have changed: whoever remembers some looks here whether that still holds.

A change is noted in the transaction that makes it, so nobody sees the number go up before what it stands for is true.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.store.tables import ACCESS_CHANGES
from inference.store.upsert import upsert


async def note_change(connection: AsyncConnection, *, is_sqlite: bool) -> None:
    """Counts a change."""
    change = upsert(ACCESS_CHANGES, is_sqlite).values(id=1, number=1)
    number = {"number": ACCESS_CHANGES.c.number + 1}
    await connection.execute(change.on_conflict_do_update(index_elements=["id"], set_=number))


async def changes_noted(connection: AsyncConnection) -> int:
    """The number of changes."""
    return await connection.scalar(select(ACCESS_CHANGES.c.number)) or 0
