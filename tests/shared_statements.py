"""What SQLAlchemy works out about a statement, shared by all stores of a process that are in SQLite.

An engine writes the SQL of each statement once and keeps it. A server has one engine for its life; tests open
thousands, and writing the same SQL anew is a fifth of what an application takes to start. Here the engines of one
driver have the dialect and the kept statements of one that was opened before them all; connections and transactions
stay their own. Servers in processes of their own do without.
"""

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from inference.store import database

EngineT = TypeVar("EngineT")


def share_statements() -> None:
    """From now on, in this process."""
    database._sqlite = _with_those_of(_first_async, database._sqlite)  # type: ignore[assignment]
    database._sqlite_direct = _with_those_of(_first_direct, database._sqlite_direct)  # type: ignore[assignment]


def _with_those_of(first: Callable[[], Engine], make: Callable[..., EngineT]) -> Callable[..., EngineT]:
    @functools.wraps(make)
    def made(*args: Any, **kwargs: Any) -> EngineT:
        engine = make(*args, **kwargs)
        inner = getattr(engine, "sync_engine", engine)
        inner.dialect = inner.pool._dialect = first().dialect
        inner._compiled_cache = first()._compiled_cache
        return engine

    return made


@functools.cache
def _first_direct() -> Engine:
    engine = create_engine("sqlite://")
    with engine.connect():  # what the dialect asks of its first connection, it knows from now on
        pass
    engine.dispose()
    return engine


@functools.cache
def _first_async() -> Engine:
    """On a thread of its own, since the test may have a loop that runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _opened()).result()


async def _opened() -> Engine:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect():
        pass
    await engine.dispose()
    return engine.sync_engine
