"""The records of what keys use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from inference.store.database import Database, transaction
from inference.store.tables import USAGE
from inference.store.upsert import upsert


class UsageKey(NamedTuple):
    """What is counted apart: a key, a day in UTC (2026-11-26), a model."""

    key_id: str
    day: str
    model: str


@dataclass(frozen=True, slots=True)
class Used:
    """How much."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Used") -> "Used":
        return Used(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )


class UsageRecords:
    """The records in `database`. Everything raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def add(self, used: Mapping[UsageKey, Used]) -> None:
        """Adds to what was counted before."""
        async with self._database.writing() as connection:
            await connection.run_sync(add_usage, used, self._database.is_sqlite)


def add_usage(connection: Connection, used: Mapping[UsageKey, Used], is_sqlite: bool) -> None:
    """Adds to what was counted before, within a transaction, in an order in which no two wait for each other."""
    counts = ("requests", "input_tokens", "output_tokens")
    for key, amount in sorted(used.items()):
        row = key._asdict() | {name: getattr(amount, name) for name in counts}
        entry = upsert(USAGE, is_sqlite).values(row)
        sums = {name: USAGE.c[name] + entry.excluded[name] for name in counts}
        connection.execute(entry.on_conflict_do_update(index_elements=list(UsageKey._fields), set_=sums))
