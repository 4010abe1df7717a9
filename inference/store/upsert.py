"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL know and SQLAlchemy has apart for each."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(table: Table, is_sqlite: bool) -> Any:
    """An insert into `table` that has `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)
