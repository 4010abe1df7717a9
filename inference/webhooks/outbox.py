"""The events that are to be told of, in the store.

An event is added by the transaction that makes it true, so that neither is there without the other. Whoever sends takes
it for a bounded time, so that of several processes one sends it, and another one does if that one dies. An event may be
sent twice, never not at all while a try is left; both carry the same id.
"""

from collections.abc import Set
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.files.ids import new_id
from inference.store.database import Database, transaction
from inference.store.tables import WEBHOOK_EVENTS
from inference.webhooks.event import Event
from inference.webhooks.schedule import KEPT_S

SENDING_S = 60.0
"""For which an event is taken: longer than a try can last."""


@dataclass(frozen=True, slots=True)
class Sending:
    """An event that this process is to send. `tries` counts this one; `told` are digests of targets that are done."""

    event: Event
    tries: int
    told: frozenset[str]


async def add_event(connection: AsyncConnection, type_: str, about: str, now_s: int) -> None:
    """Adds an event to the transaction on `connection`, and drops those that are too old to be told of."""
    await connection.execute(delete(WEBHOOK_EVENTS).where(WEBHOOK_EVENTS.c.created_at < now_s - KEPT_S))
    row = {"id": new_id("evt_"), "type": type_, "about": about, "created_at": now_s, "told": []}
    await connection.execute(insert(WEBHOOK_EVENTS), row)


class Outbox:
    """The events in `database`. Everything raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def take(self, events_max: int) -> list[Sending]:
        """Takes events whose time has come, the most overdue first."""
        now, due = self._database.now(), WEBHOOK_EVENTS.c.due
        async with self._database.reading() as connection:
            if not await connection.scalar(select(exists().where(due <= now))):
                return []  # most often: no need to keep writers waiting
        ready = (
            select(WEBHOOK_EVENTS.c.number)
            .where(due <= now)
            .order_by(due)
            .limit(events_max)
            .with_for_update(skip_locked=True)
        )
        taken = (
            update(WEBHOOK_EVENTS)
            .where(WEBHOOK_EVENTS.c.number.in_(ready))
            .values(due=now + SENDING_S, tries=WEBHOOK_EVENTS.c.tries + 1)
            .returning(*WEBHOOK_EVENTS.c)
        )
        async with self._database.writing() as connection:
            rows = (await connection.execute(taken)).mappings().all()
        return [
            Sending(
                Event(row["id"], row["type"], row["about"], row["created_at"]), row["tries"], frozenset(row["told"])
            )
            for row in rows
        ]

    @transaction
    async def done(self, sending: Sending) -> None:
        """The event needs no further try."""
        async with self._database.writing() as connection:
            await connection.execute(delete(WEBHOOK_EVENTS).where(_taken(sending)))

    @transaction
    async def again(self, sending: Sending, told: Set[str], in_s: float) -> None:
        """Those of `told` are done, others are to be tried again after `in_s` seconds."""
        changed = update(WEBHOOK_EVENTS).where(_taken(sending))
        async with self._database.writing() as connection:
            await connection.execute(changed.values(told=sorted(told), due=self._database.now() + in_s))


def _taken(sending: Sending) -> ColumnElement[bool]:
    """The event, unless somebody else has taken it since."""
    return and_(WEBHOOK_EVENTS.c.id == sending.event.id, WEBHOOK_EVENTS.c.tries == sending.tries)
