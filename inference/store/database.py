"""The store: a database behind SQLAlchemy Core, SQLite on one machine, PostgreSQL for several.

Every access is one transaction, for reading or for writing. In SQLite a writer takes its lock at the start and waits
for it up to a bound, so that no transaction fails half-way because another one was faster. A transaction that was begun
is carried out, also if whoever asked for it is cancelled: a connection that is left in the middle is lost.
"""

import asyncio
import contextlib
import functools
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, TypeVarTuple, cast

from sqlalchemy import ColumnElement, Connection, Engine, Select, create_engine, event, exc, func, literal, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import Float

from inference.errors import SettingsError, StoreUnavailable
from inference.private_files import prepare_private_file
from inference.store.migrate import migrate

BUSY_TIMEOUT_S = 30.0
"""For which a writer waits for another one, in this process or in another."""

CONNECTIONS_MAX = 8
"""To PostgreSQL. A transaction takes about a millisecond, so a few serve many requests."""

CONNECTION_WAIT_S = 30.0
"""For a connection that is free."""

CONNECT_TIMEOUT_S = 10.0
"""For PostgreSQL to let us in."""

STATEMENT_TIMEOUT_S = 60.0
"""For PostgreSQL to carry out a statement, waiting for locks included. None of ours takes a second."""

CONFLICT_TRIES_MAX = 6
"""Of a transaction that PostgreSQL ends because of another one, such as to undo a deadlock."""

CONFLICT_PAUSE_S = 0.05
"""At the most before the second try; twice as long before each that follows."""

CLOSE_TIMEOUT_S = 10.0
"""That transactions under way get to end when the database is closed."""

PORT_MAX = 65_535

IN_MEMORY = "sqlite+aiosqlite:///:memory:"
_IN_MEMORY = (None, "", ":memory:")  # each connection to one of these has a database of its own

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_WRITES = "touchstone_writes"
_PARAMETERS = {"sslmode": "ssl", "ssl": "ssl", "host": "host", "port": "port"}
"""Of a PostgreSQL URL: as libpq has them, and as our driver does."""

ResultT = TypeVar("ResultT")
OwnerT = TypeVar("OwnerT", bound="HasDatabase")
P = ParamSpec("P")
Ts = TypeVarTuple("Ts")


class HasDatabase(Protocol):
    """What keeps its records in a database."""

    _database: "Database"


def transaction(
    method: Callable[Concatenate[OwnerT, P], Coroutine[Any, Any, ResultT]],
) -> Callable[Concatenate[OwnerT, P], Coroutine[Any, Any, ResultT]]:
    """Decorates a method that is one transaction: once begun it is carried out, whoever is cancelled.

    If the database ends it because of another transaction, nothing of it has happened, and it is done again.
    """

    @functools.wraps(method)
    async def carried_out(self: OwnerT, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        return await self._database.carry_out(_settled(lambda: method(self, *args, **kwargs)))

    return cast(Callable[Concatenate[OwnerT, P], Coroutine[Any, Any, ResultT]], carried_out)


def unlocked(query: Select[*Ts]) -> Select[*Ts]:
    """The rows of `query` that no other transaction has locked, and locks them. Whoever changes many rows takes these
    and leaves the others for the next time, so that no two wait for each other. SQLite has one writer anyway."""
    return query.with_for_update(skip_locked=True)


async def _settled(attempt: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """What comes of the first attempt that no other transaction is in the way of."""
    for tries in range(1, CONFLICT_TRIES_MAX):
        try:
            return await attempt()
        except Conflict:
            await asyncio.sleep(random.uniform(0, CONFLICT_PAUSE_S * 2 ** (tries - 1)))  # noqa: S311  no secret
    return await attempt()


class Conflict(StoreUnavailable):
    """The database has undone the transaction in favour of another one: it is worth doing again at once."""


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
    if url.port is not None and not 0 < url.port <= PORT_MAX:
        raise SettingsError(f"setting database_url: {url.port} is no port; there are 1 to {PORT_MAX}")
    if driver == _DRIVERS["postgresql"]:
        url = url.set(query=_parameters(url))
    return url.set(drivername=driver)


def _parameters(url: URL) -> dict[str, str | tuple[str, ...]]:
    if unknown := sorted(url.query.keys() - _PARAMETERS.keys()):
        raise SettingsError(
            f"setting database_url: there is no parameter {unknown[0]!r} here; there are {', '.join(_PARAMETERS)}"
        )
    return {_PARAMETERS[name]: value for name, value in url.query.items()}


class Database:
    """One database. Opened once, in the running loop."""

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Does no I/O. Raises SettingsError for a URL that cannot be meant."""
        self.url = database_url(url)
        self._busy_timeout_s = busy_timeout_s
        self.is_sqlite = self.url.drivername.startswith("sqlite")
        self._engine: AsyncEngine | None = None
        self._why_closed = ""
        self._direct: Engine | None = None
        """To a file of SQLite, for what is done in one visit."""
        self._one_writer = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Connects, and brings the tables up to date. Raises StoreUnavailable, and SettingsError without its driver.

        After StoreUnavailable it may be tried again; whoever asks the database meanwhile is told the same.
        """
        try:
            self._engine = await self._up_to_date()
            if self.is_sqlite and self.url.database not in _IN_MEMORY:
                self._direct = _sqlite_direct(self.url, self._busy_timeout_s)
        except StoreUnavailable as error:
            self._why_closed = error.message
            raise

    async def _up_to_date(self) -> AsyncEngine:
        engine: AsyncEngine | None = None
        try:
            if self.is_sqlite:
                if self.url.database not in _IN_MEMORY:
                    await asyncio.to_thread(prepare_private_file, Path(self.url.database or ""))
                # aiosqlite leaves a thread behind that complains on the terminal when the file cannot be opened.
                await asyncio.to_thread(lambda: sqlite3.connect(self.url.database or "").close())
            engine = _sqlite(self.url, self._busy_timeout_s) if self.is_sqlite else _postgresql(self.url)
            await self._migrate(engine)
        except ModuleNotFoundError as error:
            raise SettingsError(
                f"setting database_url: the driver {error.name} is missing; install touchstone[postgresql]"
            ) from None
        except (exc.SQLAlchemyError, sqlite3.Error, OSError) as error:
            await _dispose(engine)
            raise self._unavailable(error) from error
        except BaseException:
            await _dispose(engine)
            raise
        return engine

    async def _migrate(self, engine: AsyncEngine) -> None:
        """Waits for others who open the same new file, which SQLite does not while one of them makes it ready."""
        deadline = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                return await migrate(engine, self.url)
            except exc.OperationalError as error:
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise
            await asyncio.sleep(random.uniform(0, CONFLICT_PAUSE_S))  # noqa: S311  no secret

    async def aclose(self) -> None:
        """Closes all connections, once what is under way has ended."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSE_TIMEOUT_S)
        if self._direct is not None:
            await asyncio.to_thread(self._direct.dispose)
            self._direct = None
        await _dispose(self._engine)
        self._engine = None

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes nothing. Raises StoreUnavailable."""
        try:
            async with self._opened().connect() as connection:
                yield connection
        except _FAILURES as error:
            raise self._in_our_words(error) from error

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end of the context, or not at all. Raises StoreUnavailable."""
        try:
            if not self.is_sqlite:
                async with self._opened().begin() as connection:
                    yield connection
                return
            # One after the other without asking SQLite, which polls.
            async with self._turn_to_write(), self._opened().connect() as connection:
                connection = await connection.execution_options(**{_WRITES: True})
                async with connection.begin():
                    yield connection
        except _FAILURES as error:
            raise self._in_our_words(error) from error

    async def in_one_visit(self, work: Callable[[Connection], ResultT]) -> ResultT:
        """What `writing` does, for what is done often: `work` is the whole transaction, and waits for nothing else.

        SQLite is spoken to in threads. Statement by statement that is a dozen ways there and back, each of which waits
        for its turn on a busy machine. Raises StoreUnavailable.
        """
        return await self._visit(work, writes=True)

    async def read_in_one_visit(self, work: Callable[[Connection], ResultT]) -> ResultT:
        """What `reading` does, in the way of `in_one_visit`. Raises StoreUnavailable."""
        return await self._visit(work, writes=False)

    async def _visit(self, work: Callable[[Connection], ResultT], *, writes: bool) -> ResultT:
        if self._direct is None:
            async with self.writing() if writes else self.reading() as connection:
                return await connection.run_sync(work)
        try:
            async with self._turn_to_write() if writes else contextlib.nullcontext():
                return await asyncio.to_thread(_in_transaction, self._direct, work, writes=writes)
        except _FAILURES as error:
            raise self._in_our_words(error) from error

    @contextlib.asynccontextmanager
    async def _turn_to_write(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._busy_timeout_s):
                await self._one_writer.acquire()
        except TimeoutError:
            raise TimeoutError("others that write have kept it busy") from None
        try:
            yield
        finally:
            self._one_writer.release()

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

    def _in_our_words(self, error: BaseException) -> BaseException:
        if _is_conflict(error):
            return Conflict(self._unavailable(error).message)
        return error if _is_fault(error) else self._unavailable(error)

    def _unavailable(self, error: BaseException) -> StoreUnavailable:
        url = self.url
        name = url.database if self.is_sqlite else f"{url.database} at {url.host}:{url.port or 5432}"
        return StoreUnavailable(f"the database {name} cannot be used now: {_what_went_wrong(error)}")

    def _opened(self) -> AsyncEngine:
        if self._engine is None and self._why_closed:
            raise StoreUnavailable(self._why_closed)
        assert self._engine is not None, "the database is opened before it is asked"  # noqa: S101
        return self._engine


async def _dispose(engine: AsyncEngine | None) -> None:
    if engine is not None:
        await engine.dispose()


_FAILURES = (exc.DBAPIError, exc.TimeoutError, OSError)

_FAULTS = (exc.ProgrammingError, exc.IntegrityError, exc.DataError, exc.NotSupportedError)
"""Of the program that asks, not of the database."""

_FAULT_STATES = ("22", "23", "42")  # likewise, by the class of PostgreSQL's code: data, integrity, syntax
_CONFLICT_STATES = ("40001", "40P01")  # serialization, deadlock


def _is_conflict(error: BaseException) -> bool:
    cause = getattr(error, "orig", None)
    # A plan of before the tables were changed by another server: it is made anew at the next try.
    return getattr(cause, "sqlstate", None) in _CONFLICT_STATES or "CachedStatement" in type(cause).__name__


def _is_busy(error: exc.DBAPIError) -> bool:
    """Whether SQLite says that others have locked the file."""
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY  # of the extended code, the primary


def _is_fault(error: BaseException) -> bool:
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return isinstance(error, _FAULTS) or state[:2] in _FAULT_STATES


def _what_went_wrong(error: BaseException) -> str:
    """Without the statement, which may hold what a caller sent."""
    cause = getattr(error, "orig", None) or error
    said = str(cause).splitlines()
    return said[0] if said and said[0] else type(cause).__name__


def _in_transaction(engine: Engine, work: Callable[[Connection], ResultT], *, writes: bool) -> ResultT:
    with engine.connect() as connection:
        connection = connection.execution_options(**{_WRITES: writes})
        with connection.begin():
            return work(connection)


def _sqlite(url: URL, busy_timeout_s: float) -> AsyncEngine:
    engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": busy_timeout_s})
    _prepare(engine.sync_engine)
    return engine


def _sqlite_direct(url: URL, busy_timeout_s: float) -> Engine:
    """Connects when it is used first."""
    engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True, connect_args={"timeout": busy_timeout_s})
    _prepare(engine)
    return engine


def _prepare(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # else the driver begins transactions of its own
        try:
            _set_pragmas(connection)
        except BaseException:
            connection.close()  # nobody else knows of it yet, and it has a thread
            raise

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_pragmas(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a commit outlives a power failure: blobs are deleted because of it
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _postgresql(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,  # else a fault in the log shows what callers sent
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=CONNECTION_WAIT_S,
        pool_pre_ping=True,
        connect_args={"timeout": CONNECT_TIMEOUT_S, "command_timeout": STATEMENT_TIMEOUT_S},
    )
