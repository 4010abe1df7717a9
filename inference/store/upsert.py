"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL know and SQLAlchemy has apart for each."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite


def upsert(table: Table, is_sqlite: bool) -> Any:
    """An insert into `table` that has `on_conflict_do_update` and `on_conflict_do_nothing`."""
    if is_sqlite:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  30 ms that SQLite does without

    return postgresql.insert(table)
