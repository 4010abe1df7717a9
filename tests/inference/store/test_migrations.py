"""Databases are brought up to date: from nothing, by several servers at once, and never from a newer version."""

import asyncio

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from inference.batches.batch_records import BatchRecords
from inference.errors import SettingsError
from inference.files.file import File
from inference.files.file_records import FileRecords
from inference.store.database import Database, database_url
from inference.store.migrate import HEAD, MIGRATIONS, upgrade
from inference.store.tables import METADATA

BATCH_ID = "batch_066127bc32a689dc8320feeb13f478"


def differences(connection: Connection) -> list[object]:
    """What Alembic would change to make the tables what the code says they are."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, METADATA))


def steps() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


async def version_of(database: Database) -> str | None:
    async with database.reading() as connection:
        return await connection.scalar(text("SELECT version_num FROM alembic_version"))


async def test_all_steps_together_come_to_the_tables_of_a_new_database(store_url: str) -> None:
    engine = create_async_engine(database_url(store_url))
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        assert await connection.run_sync(differences) == []
    await engine.dispose()
    database = Database(store_url)
    await database.open()
    assert await version_of(database) == HEAD
    await database.aclose()


async def test_an_empty_database_gets_exactly_the_tables_that_the_code_knows(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []
    assert await version_of(database) == HEAD


def test_the_newest_step_is_the_one_that_starts_look_for() -> None:
    assert steps().get_heads() == [HEAD]


def test_each_step_is_in_a_file_that_begins_with_its_version() -> None:
    for step in steps().walk_revisions():
        assert step.path.rpartition("/")[2].startswith(f"v{step.revision}_")


def test_steps_do_not_change_with_the_tables_of_later_versions() -> None:
    for step in steps().walk_revisions():
        assert "tables" not in vars(step.module)
        assert "METADATA" not in vars(step.module)


async def test_servers_that_start_at_once_on_an_empty_database_all_come_up(store_url: str) -> None:
    servers = [Database(store_url) for _ in range(4)]
    await asyncio.gather(*(server.open() for server in servers))
    await FileRecords(servers[0]).add(File("file-1", "o", "f", "batch", 1, 1), [])
    for server in servers:
        assert (await FileRecords(server).get("o", "file-1")).filename == "f"
        await server.aclose()


def made_before_keys(connection: Connection) -> None:
    """A batch as the version before keys has left it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0002")
    texts = {"id": BATCH_ID, "owner": "o", "status": "validating", "endpoint": "/v1/embeddings"}
    texts |= {"completion_window": "24h", "input_file_id": "file-1"}
    needed = [column.name for column in METADATA.tables["batches"].columns if not column.nullable]
    row = {name: texts.get(name, 1) for name in needed if name != "number"}
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO batches ({', '.join(row)}) VALUES ({values})"), row)  # noqa: S608  of ours


async def test_servers_that_start_at_once_on_a_database_of_before_keys_all_come_up_with_what_is_in_it(
    store_url: str,
) -> None:
    engine = create_async_engine(database_url(store_url))
    async with engine.begin() as connection:
        await connection.run_sync(made_before_keys)
    await engine.dispose()
    servers = [Database(store_url) for _ in range(4)]
    await asyncio.gather(*(server.open() for server in servers))
    for server in servers:
        batch = await BatchRecords(server).get("o", BATCH_ID)
        assert (batch.key_id, batch.plan) == (None, None)  # nobody's usage, and no plan's limits
        await server.aclose()


async def test_a_database_that_is_opened_again_keeps_what_is_in_it(store_url: str) -> None:
    for number in range(2):
        database = Database(store_url)
        await database.open()
        records = FileRecords(database)
        await records.add(File(f"file-{number}", "o", "f", "batch", 1, 1), [])
        assert len(await records.page("o", purpose=None, after=None, limit=10, newest_first=False)) == number + 1
        await database.aclose()


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(store_url: str) -> None:
    database = Database(store_url)
    await database.open()
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.aclose()
    with pytest.raises(SettingsError, match=f"version 9999, which a newer touchstone has made.* up to {HEAD}.* Update"):
        await Database(store_url).open()
    database = Database(store_url)
    with pytest.raises(SettingsError):
        await database.open()
    await database.aclose()
