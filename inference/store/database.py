"""The store: a database behind SQLAlchemy Core, SQLite on one machine, PostgreSQL for several.

Every access is one transaction, for reading or for writing. In SQLite a writer takes its lock at the start and waits
for it up to a bound, so that no transaction fails half-way because another one was faster. A transaction that was begun
is carried out, also if whoever asked for it is cancelled: a connection that is left in the middle is lost.
"""

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from sqlalchemy import ColumnElement, event, exc, func, literal, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import Float

from inference.errors import SettingsError, StoreUnavailable
from inference.store.migrate import migrate

BUSY_TIMEOUT_S = 30.0
"""For which a writer waits for another one, in this process or in another."""

CONNECTIONS_MAX = 8
"""To PostgreSQL. A transaction takes about a millisecond, so a few serve many requests."""

CONNECTION_WAIT_S = 30.0

CLOSE_TIMEOUT_S = 10.0
"""That transactions under way get to end when the database is closed."""

IN_MEMORY = "sqlite+aiosqlite:///:memory:"

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_WRITES = "touchstone_writes"


ResultT = TypeVar("ResultT")
OwnerT = TypeVar("OwnerT", bound="HasDatabase")
P = ParamSpec("P")


class HasDatabase(Protocol):
    """What keeps its records in a database."""

    _database: "Database"


def transaction(
    method: Callable[Concatenate[OwnerT, P], Coroutine[Any, Any, ResultT]],
) -> Callable[Concatenate[OwnerT, P], Coroutine[Any, Any, ResultT]]:
    """Decorates a method that is one transaction: once begun it is carried out, whoever is cancelled."""

    @functools.wraps(method)
    async def carried_out(self: OwnerT, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        return await self._database.carry_out(method(self, *args, **kwargs))

    return cast(Callable[Concatenate[OwnerT, P], Coroutine[Any, Any, ResultT]], carried_out)


def database_url(text: str) -> URL:
    """The URL with the driver that we speak through. Raises SettingsError for a database of another kind."""
    try:
        url = make_url(text)
    except exc.ArgumentError:
        raise SettingsError(
            "setting database_url: that is no URL; write postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    driver = _DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise SettingsError(
            f"setting database_url: {url.drivername!r} is no database that is spoken to here; write sqlite:///FILE or "
            "postgresql://USER:PASSWORD@HOST/NAME"
        )
    return url.set(drivername=driver)


class Database:
    """One database. Opened once, in the running loop."""

    def __init__(self, url: str) -> None:
        """Does no I/O. Raises SettingsError for a URL that cannot be meant."""
        self.url = database_url(url)
        self.is_sqlite = self.url.drivername.startswith("sqlite")
        self._engine: AsyncEngine | None = None
        self._one_writer = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Connects, and brings the tables up to date. Raises StoreUnavailable, and SettingsError without its driver."""
        try:
            self._engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)
            await migrate(self._engine, self.url)
        except ModuleNotFoundError as error:
            raise SettingsError(
                f"setting database_url: the driver {error.name} is missing; install touchstone[postgresql]"
            ) from None
        except (exc.SQLAlchemyError, OSError) as error:
            await self.aclose()
            raise unavailable(error) from error

    async def aclose(self) -> None:
        """Closes all connections, once what is under way has ended."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSE_TIMEOUT_S)
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes nothing. Raises StoreUnavailable."""
        try:
            async with self._opened().connect() as connection:
                yield connection
        except _FAILURES as error:
            raise unavailable(error) from error

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end of the context, or not at all. Raises StoreUnavailable."""
        try:
            if not self.is_sqlite:
                async with self._opened().begin() as connection:
                    yield connection
                return
            # One after the other without asking SQLite, which polls.
            async with self._one_writer, self._opened().connect() as connection:
                connection = await connection.execution_options(**{_WRITES: True})
                async with connection.begin():
                    yield connection
        except _FAILURES as error:
            raise unavailable(error) from error

    async def in_turn(self, connection: AsyncConnection, what: str) -> None:
        """Has those who write about the same thing wait for each other until the end of their transactions, such as to
        count rows before one is added. SQLite has one writer at a time anyway."""
        if not self.is_sqlite:
            await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))

    async def carry_out(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Does `work`, to its end even if the caller is cancelled meanwhile. Raises what `work` raises."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._carried_out)
        return await asyncio.shield(task)

    def _carried_out(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that nobody is told of it whom it does not concern

    def now(self) -> ColumnElement[float]:
        """The time, in seconds since 1970, for leases: that of the database, which all workers share."""
        if self.is_sqlite:
            return literal(time.time(), Float)
        return func.extract("epoch", func.clock_timestamp()).cast(Float)

    def _opened(self) -> AsyncEngine:
        assert self._engine is not None, "the database is opened before it is asked"  # noqa: S101
        return self._engine


_FAILURES = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError, OSError)


def unavailable(error: BaseException) -> StoreUnavailable:
    """What went wrong in the database, without its statement, which may hold what a caller sent."""
    cause = getattr(error, "orig", None) or error
    return StoreUnavailable(f"the database cannot be used now: {type(cause).__name__}: {str(cause).splitlines()[0]}")


def _sqlite(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # else the driver begins transactions of its own
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")  # a power failure may take the last commits, never a part of one
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> AsyncEngine:
    return create_async_engine(
        url, pool_size=CONNECTIONS_MAX, max_overflow=0, pool_timeout=CONNECTION_WAIT_S, pool_pre_ping=True
    )
