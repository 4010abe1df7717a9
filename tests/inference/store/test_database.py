"""The store on SQLite and on PostgreSQL: transactions, what goes wrong, and what comes after."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from inference.errors import SettingsError, StoreUnavailable
from inference.store.database import CONFLICT_TRIES_MAX, Database, database_url, transaction
from inference.store.tables import DOOMED_BLOBS, UPLOADS
from tests.scale.postgresql import PostgreSQL


class Notes:
    """Two rows, which transactions change in one order or the other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.attempts = 0

    @transaction
    async def add(self, key: str, after: float = 0.0) -> None:
        async with self._database.writing() as connection:
            await connection.execute(insert(DOOMED_BLOBS), {"key": key, "after": after})

    @transaction
    async def add_and_fail(self, key: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(insert(DOOMED_BLOBS), {"key": key, "after": 0.0})
            raise RuntimeError("half-way")

    @transaction
    async def raise_in_order(self, *keys: str, between: Callable[[], object] = lambda: None) -> None:
        self.attempts += 1
        async with self._database.writing() as connection:
            for key in keys:
                changed = update(DOOMED_BLOBS).where(DOOMED_BLOBS.c.key == key)
                await connection.execute(changed.values(after=DOOMED_BLOBS.c.after + 1))
                met = between()
                if asyncio.iscoroutine(met):
                    await met

    @transaction
    async def keys(self) -> list[str]:
        async with self._database.reading() as connection:
            return list((await connection.execute(select(DOOMED_BLOBS.c.key).order_by(DOOMED_BLOBS.c.key))).scalars())

    @transaction
    async def after(self) -> list[float]:
        async with self._database.reading() as connection:
            return list((await connection.execute(select(DOOMED_BLOBS.c.after))).scalars())


async def test_a_transaction_counts_as_a_whole_or_not_at_all(database: Database) -> None:
    notes = Notes(database)
    await notes.add("one")
    with pytest.raises(RuntimeError, match="half-way"):
        await notes.add_and_fail("two")
    assert await notes.keys() == ["one"]


async def test_a_transaction_is_carried_out_though_its_caller_leaves(database: Database) -> None:
    notes = Notes(database)
    caller = asyncio.create_task(notes.add("one"))
    await asyncio.sleep(0)  # it is begun
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await database.aclose()  # waits for it
    await database.open()
    assert await notes.keys() == ["one"]


async def test_many_write_at_once_and_none_is_lost(database: Database) -> None:
    notes = Notes(database)
    await asyncio.gather(*(notes.add(f"{number:03}") for number in range(100)))
    assert len(await notes.keys()) == 100


async def test_rows_that_are_there_already_are_a_fault_of_ours_and_not_of_the_database(database: Database) -> None:
    notes = Notes(database)
    await notes.add("one")
    with pytest.raises(Exception, match=r"(?i)unique") as raised:
        await notes.add("one")
    assert not isinstance(raised.value, StoreUnavailable)


async def test_a_fault_does_not_repeat_what_was_to_be_written(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    await database.open()
    notes = Notes(database)
    await notes.add("what a caller sent")
    with pytest.raises(IntegrityError) as raised:
        await notes.add("what a caller sent")
    assert "what a caller sent" not in str(raised.value)
    await database.aclose()


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "naïve \U0001f600 \ud800\0", "plain"])
async def test_any_string_can_be_a_name(database: Database, name: str) -> None:
    notes = Notes(database)
    await notes.add(name)
    kept = (await notes.keys())[0]
    assert "\0" not in kept
    kept.encode()
    await notes.raise_in_order(name)  # it is found again
    assert await notes.after() == [1.0]


async def test_the_time_is_that_of_the_database_in_seconds(database: Database) -> None:
    async with database.reading() as connection:
        first = (await connection.execute(select(database.now()))).scalar_one()
        later = (await connection.execute(select(database.now()))).scalar_one()
    assert 1_700_000_000 < first <= later < first + 60


async def test_numbers_count_up_and_large_ones_are_kept(database: Database) -> None:
    row = {"owner": "o", "filename": "f", "purpose": "batch", "mime_type": "text/plain", "status": "pending"}
    row |= {"bytes": 2**53, "created_at": 2**40, "expires_at": 2**40}  # type: ignore[dict-item]
    async with database.writing() as connection:
        for name in ("a", "b"):
            await connection.execute(insert(UPLOADS), row | {"id": name})
    async with database.reading() as connection:
        rows = (await connection.execute(select(UPLOADS.c.number, UPLOADS.c.bytes).order_by(UPLOADS.c.number))).all()
    assert [tuple(row) for row in rows] == [(1, 2**53), (2, 2**53)]


async def test_an_empty_list_excludes_nothing(database: Database) -> None:
    await Notes(database).add("one")
    async with database.reading() as connection:
        everything = select(func.count()).where(DOOMED_BLOBS.c.key.not_in([]))
        nothing = select(func.count()).where(DOOMED_BLOBS.c.key.in_([]))
        assert (await connection.scalar(everything), await connection.scalar(nothing)) == (1, 0)


async def test_a_deadlock_is_undone_and_both_transactions_come_to_their_end(postgresql: PostgreSQL) -> None:
    with postgresql.database() as url:
        database = Database(url)
        await database.open()
        notes = Notes(database)
        await notes.add("one")
        await notes.add("two")
        met, locked = asyncio.Barrier(2), itertools.count(1)

        async def meet() -> None:
            if next(locked) <= 2:  # each waits with its first row until the other has its own
                async with asyncio.timeout(60):
                    await met.wait()

        await asyncio.gather(
            notes.raise_in_order("one", "two", between=meet), notes.raise_in_order("two", "one", between=meet)
        )
        assert await notes.after() == [2.0, 2.0]
        assert 2 < notes.attempts <= CONFLICT_TRIES_MAX
        await database.aclose()


@pytest.mark.service
async def test_a_server_that_restarts_is_an_error_and_then_used_again() -> None:
    server = PostgreSQL()
    database = Database(server.url("postgres"))
    try:
        await database.open()
        notes = Notes(database)
        await notes.add("one")
        server.halt()
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match=rf"postgres at 127\.0\.0\.1:{server.port} cannot be used now"):
                await notes.add("two")
        server.start()
        await notes.add("three")
        assert await notes.keys() == ["one", "three"]
    finally:
        await database.aclose()
        server.stop()


async def test_a_connection_that_is_cut_in_the_middle_is_an_error_and_the_next_one_works(
    postgresql: PostgreSQL,
) -> None:
    with postgresql.database() as url:
        database = Database(url)
        await database.open()
        with pytest.raises(StoreUnavailable, match="cannot be used now"):
            async with database.writing() as connection:
                await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await Notes(database).add("one")
        assert await Notes(database).keys() == ["one"]
        await database.aclose()


async def test_a_password_that_is_refused_is_an_error_that_does_not_repeat_it(postgresql: PostgreSQL) -> None:
    database = Database(postgresql.url("postgres").replace("a-password", "a-wrong-one"))
    with pytest.raises(StoreUnavailable, match="password authentication failed") as raised:
        await database.open()
    assert "a-wrong-one" not in raised.value.message


async def test_a_database_that_is_not_there_is_an_error_that_names_it(postgresql: PostgreSQL) -> None:
    with pytest.raises(StoreUnavailable, match='"nowhere" does not exist'):
        await Database(postgresql.url("nowhere")).open()


def test_parameters_of_the_address_are_those_of_postgresql() -> None:
    url = database_url("postgres://me:pw@db/name?sslmode=require&host=/run/postgresql")
    assert url.drivername == "postgresql+asyncpg"
    assert dict(url.query) == {"ssl": "require", "host": "/run/postgresql"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://me:secret@db/name", "'mysql' is no database that is spoken to here"),
        ("not a url with a secret", "that is no URL"),
        ("postgresql://me:secret@db:70000/name", "70000 is no port"),
        ("postgresql://me:secret@db/name?nonsense=1", "there is no parameter 'nonsense'"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"setting database_url: .*{said}") as raised:
        Database(url)
    assert "secret" not in raised.value.message
