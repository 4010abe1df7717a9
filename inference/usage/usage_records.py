"""The records of what keys use: a row for each key, day and model.

Whoever gathers counts and writes them in batches is a writer, and numbers its writes. A number counts once, however
often it is tried: a connection that broke at a commit leaves open whether that was carried out.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from inference.files.file_records import Clock
from inference.store.database import Database, transaction
from inference.store.tables import API_KEYS, USAGE, USAGE_WRITERS
from inference.store.upsert import upsert
from inference.usage.used import UsageKey, Used

WRITERS_KEPT_S = 30 * 24 * 3600
"""For which it is known what a writer wrote last that never said goodbye, such as one that was killed."""

SUMS_MAX = 100_000
"""Rows of sums at a time."""

_COUNTS = ("requests", "input_tokens", "output_tokens")


class By(StrEnum):
    """What sums are made for."""

    DAY = "day"
    KEY = "key"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows: all, but for what is named here. Days are inclusive."""

    start: str | None = None
    end: str | None = None
    key_id: str | None = None
    model: str | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.start is not None:
            wanted.append(USAGE.c.day >= self.start)
        if self.end is not None:
            wanted.append(USAGE.c.day <= self.end)
        if self.key_id is not None:
            wanted.append(USAGE.c.key_id == self.key_id)
        if self.model is not None:
            wanted.append(USAGE.c.model == self.model)
        return wanted


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one key used of one model on one day. `key_name` is None for what is no key of the store."""

    key: UsageKey
    used: Used
    key_name: str | None


@dataclass(frozen=True, slots=True)
class UsageSum:
    """A day, a key or a model, and what was used of it or by it."""

    name: str
    used: Used
    key_name: str | None = None


class UsageRecords:
    """The records in `database`. `clock` gives seconds since 1970. Everything raises StoreUnavailable."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    @transaction
    async def write(self, writer: str, number: int, used: Mapping[UsageKey, Used]) -> None:
        """Adds to what was counted before, as write `number` of `writer`: a later one than all before it, or the last
        one again, which then changes nothing."""
        now, is_sqlite = int(self._clock()), self._database.is_sqlite

        def count(connection: Connection) -> None:
            entry = {"id": writer, "written": number, "at": now}
            if connection.execute(_advance(is_sqlite), entry).rowcount == 1:
                add_usage(connection, used, is_sqlite)

        await self._database.in_one_visit(count)

    @transaction
    async def leave(self, writer: str) -> None:
        """Forgets a writer that writes no more, and those that have not been heard of for WRITERS_KEPT_S."""
        old = USAGE_WRITERS.c.at < int(self._clock()) - WRITERS_KEPT_S
        async with self._database.writing() as connection:
            await connection.execute(delete(USAGE_WRITERS).where(or_(USAGE_WRITERS.c.id == writer, old)))

    @transaction
    async def page(self, chosen: Chosen, *, after: UsageKey | None, limit: int) -> Sequence[UsageRow]:
        """Up to `limit` rows, the newest day first, then by key and model, from the place that follows `after`."""
        usage = USAGE.c
        query = _with_names(select(usage.key_id, usage.day, usage.model, *(usage[name] for name in _COUNTS)))
        query = query.where(*chosen.clauses()).order_by(usage.day.desc(), usage.key_id, usage.model).limit(limit)
        if after is not None:
            later = tuple_(usage.key_id, usage.model) > tuple_(after.key_id, after.model)
            query = query.where(or_(usage.day < after.day, and_(usage.day == after.day, later)))
        async with self._database.reading() as connection:
            return [
                UsageRow(UsageKey(*row[:3]), Used(*row[3:6]), row.key_name) for row in await connection.execute(query)
            ]

    @transaction
    async def sums(self, chosen: Chosen, by: By) -> Sequence[UsageSum]:
        """Sums for each day, key or model, in the order of their names; SUMS_MAX at the most."""
        column = {By.DAY: USAGE.c.day, By.KEY: USAGE.c.key_id, By.MODEL: USAGE.c.model}[by]
        summed = (func.sum(USAGE.c[name]).label(name) for name in _COUNTS)
        sums = select(column.label("name"), *summed).where(*chosen.clauses()).group_by(column)
        query: Select[Any] = sums.order_by(column).limit(SUMS_MAX)
        if by is By.KEY:
            inner = query.subquery()
            query = select(inner, API_KEYS.c.name.label("key_name"))
            query = query.outerjoin(API_KEYS, API_KEYS.c.id == inner.c.name).order_by(inner.c.name)
        async with self._database.reading() as connection:
            return [_sum_of(row, by) for row in await connection.execute(query)]

    @transaction
    async def has(self, key_id: str) -> bool:
        """Whether anything was ever counted for the key."""
        async with self._database.reading() as connection:
            return bool(await connection.scalar(select(exists().where(USAGE.c.key_id == key_id))))


def add_usage(connection: Connection, used: Mapping[UsageKey, Used], is_sqlite: bool) -> None:
    """Adds to what was counted before, within a transaction, in an order in which no two wait for each other."""
    rows = [key._asdict() | {name: getattr(amount, name) for name in _COUNTS} for key, amount in sorted(used.items())]
    if rows:
        connection.execute(_add(is_sqlite), rows)


# What is executed each second, and for every hundred lines of a batch, is put together once.
@cache
def _add(is_sqlite: bool) -> Any:
    entry = upsert(USAGE, is_sqlite).values({name: bindparam(name) for name in (*UsageKey._fields, *_COUNTS)})
    sums = {name: USAGE.c[name] + entry.excluded[name] for name in _COUNTS}
    return entry.on_conflict_do_update(index_elements=list(UsageKey._fields), set_=sums)


@cache
def _advance(is_sqlite: bool) -> Any:
    entry = upsert(USAGE_WRITERS, is_sqlite).values({name: bindparam(name) for name in ("id", "written", "at")})
    new = {name: entry.excluded[name] for name in ("written", "at")}
    is_later = USAGE_WRITERS.c.written < entry.excluded.written
    return entry.on_conflict_do_update(index_elements=["id"], set_=new, where=is_later)


def _with_names(query: Select[Any]) -> Select[Any]:
    joined = query.add_columns(API_KEYS.c.name.label("key_name"))
    return joined.select_from(USAGE.outerjoin(API_KEYS, API_KEYS.c.id == USAGE.c.key_id))


def _sum_of(row: Row[Any], by: By) -> UsageSum:
    used = Used(*(int(getattr(row, name)) for name in _COUNTS))  # PostgreSQL adds integers up to a Decimal
    return UsageSum(row.name, used, row.key_name if by is By.KEY else None)
