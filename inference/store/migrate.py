"""Brings the tables of a database to the form that this version knows.

The steps are Alembic's, in `migrations/versions/`, a file each: `v0001_what_it_does.py`. Alembic takes half a second
and 50 MB to load, so it is asked only for a database of an older version: a new one is made as `tables.py` says, which
is what all steps together come to. A database of a newer version is left alone.
"""

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from inference.errors import SettingsError
from inference.store.tables import METADATA

HEAD = "0003"
"""The newest of `migrations/versions/`."""

_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where Alembic keeps which step was the last."""

MIGRATIONS = Path(__file__).with_name("migrations")

_LOCK = 7_402_118
"""Of PostgreSQL's advisory locks, the one that says that tables are being changed."""


async def migrate(engine: AsyncEngine, url: URL) -> None:
    """Runs the steps that are missing. Of several servers that start at once one does, and the others wait.

    Raises SettingsError for a database of a newer version.
    """
    async with engine.connect() as connection:
        version = await connection.run_sync(_version)
    if version == HEAD:
        return
    async with engine.execution_options(touchstone_writes=True).begin() as connection:
        if url.get_backend_name() == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        version = await connection.run_sync(_version)  # another server may have been faster
        _check(version)
        if version is None:
            await connection.run_sync(_make)
        elif version != HEAD:
            await connection.run_sync(upgrade)


def _check(version: str | None) -> None:
    known = {path.name[1:5] for path in MIGRATIONS.glob("versions/v[0-9]*.py")}
    if version is not None and version not in known:
        raise SettingsError(
            f"setting database_url: the database is at version {version}, which a newer touchstone has made; this one "
            f"knows it up to {HEAD}. Update touchstone here, or give it a database of its own"
        )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()


def _make(connection: Connection) -> None:
    """A new database, marked as Alembic would mark it."""
    METADATA.create_all(connection)
    _VERSION.create(connection)
    connection.execute(insert(_VERSION), {"version_num": HEAD})


def upgrade(connection: Connection) -> None:
    """Runs the steps that are missing, inside a transaction."""
    from alembic import command  # noqa: PLC0415  at the first start of a version alone
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
