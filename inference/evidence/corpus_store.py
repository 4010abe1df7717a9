"""The corpus file: a SQLite database with documents, their passages and a full-text index over them.

Every change of a document is one transaction, so a crash or a full disk leaves the state before it. Several processes
may use the file at once: readers never wait, a writer waits for another for a bounded time. Every function blocks.
`corpus_errors` turns SQLite's errors into ours, in this one place.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from inference.errors import CorpusUnreadable
from inference.evidence.index import IndexRow, add_rows, best_rows, create_index, remove_rows
from inference.private_files import make_private_folder, prepare_private_file

SCHEMA_VERSION = 1
"""Raise it with every change of the tables, and of `search_terms.searchable`, which decides what is in the index."""

APPLICATION_ID = 0x546F7563
"""Marks a SQLite file as a corpus of ours ("Touc"), so that no other program's database is written to."""

_TABLES = (
    """CREATE TABLE document (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, media_type TEXT NOT NULL,
        characters INTEGER NOT NULL, added_at INTEGER NOT NULL, sha256 TEXT NOT NULL)""",
    """CREATE TABLE passage (
        id INTEGER PRIMARY KEY, document_id INTEGER NOT NULL REFERENCES document(id), start INTEGER NOT NULL,
        text TEXT NOT NULL)""",
    "CREATE INDEX passage_of_document ON passage(document_id)",
)


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What is stored of a document beside its passages. `name` is the absolute path of its file."""

    name: str
    title: str
    media_type: str
    characters: int
    added_at: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CorpusDocument(NewDocument):
    """A document of the corpus. `added_at` is in seconds since 1970."""

    id: int


class StoredPassage(NamedTuple):
    """A passage as it is found: `start` counts characters of the document's text."""

    document_id: int
    title: str
    start: int
    text: str


@contextmanager
def corpus_errors(path: Path) -> Iterator[None]:
    """Raises CorpusUnreadable, saying what to do, for whatever goes wrong with the file inside."""
    try:
        yield
    except sqlite3.Error as error:
        raise CorpusUnreadable(_what_to_do(path, error)) from error
    except OSError as error:
        raise CorpusUnreadable(f"The folder of the corpus file {path} cannot be used: {error.strerror}.") from error


@contextmanager
def reading(path: Path, wait_s: float) -> Iterator[sqlite3.Connection | None]:
    """A connection that sees one unchanging state of the corpus; None if there is no corpus yet. Creates nothing."""
    with corpus_errors(path):
        if not path.exists():
            yield None
            return
        mode = "immutable=1" if _on_read_only_disk(path) else "mode=rw"
        uri = f"{path.absolute().as_uri()}?{mode}"
        with closing(sqlite3.connect(uri, uri=True, timeout=wait_s, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            yield connection if _is_set_up(connection, path) else None


@contextmanager
def writing(path: Path, wait_s: float) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction that is kept if the block ends well and undone if not. Makes the file if needed."""
    with corpus_errors(path):
        make_private_folder(path.parent)
        prepare_private_file(path)
        with closing(sqlite3.connect(path, timeout=wait_s, isolation_level=None)) as connection:
            _set_up(connection, path)
            with _transaction(connection):
                yield connection


def listed_documents(connection: sqlite3.Connection) -> list[CorpusDocument]:
    """Every document, in the order of their names."""
    rows = connection.execute(
        "SELECT name, title, media_type, characters, added_at, sha256, id FROM document ORDER BY name"
    )
    return [CorpusDocument(*row) for row in rows]


def holds_documents(connection: sqlite3.Connection) -> bool:
    """Whether there is any document."""
    (found,) = connection.execute("SELECT EXISTS (SELECT 1 FROM document)").fetchone()
    return bool(found)


def stored_digest(connection: sqlite3.Connection, name: str) -> str | None:
    """The SHA-256 of the document called `name`; None if there is none."""
    row: tuple[str] | None = connection.execute("SELECT sha256 FROM document WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def put_document(connection: sqlite3.Connection, document: NewDocument, passages: Iterable[tuple[int, str]]) -> None:
    """Stores `document` with its `passages` (start, text), in the place of the one of that name if there is one."""
    document_id = _document_id(connection, document.name)
    if document_id is not None:
        _remove_passages(connection, document_id)
    values = (document.title, document.media_type, document.characters, document.added_at, document.sha256)
    (document_id,) = connection.execute(
        "INSERT INTO document(name, title, media_type, characters, added_at, sha256) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(name) DO UPDATE SET title = excluded.title, media_type = excluded.media_type, "
        "characters = excluded.characters, added_at = excluded.added_at, sha256 = excluded.sha256 RETURNING id",
        (document.name, *values),
    ).fetchone()
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM passage").fetchone()
    for number, (start, text) in enumerate(passages, last + 1):
        connection.execute("INSERT INTO passage VALUES (?, ?, ?, ?)", (number, document_id, start, text))
        add_rows(connection, [IndexRow(number, document.title, text)])


def remove_document(connection: sqlite3.Connection, name: str) -> bool:
    """Removes the document called `name`. False if there is none."""
    document_id = _document_id(connection, name)
    if document_id is None:
        return False
    _remove_passages(connection, document_id)
    connection.execute("DELETE FROM document WHERE id = ?", (document_id,))
    return True


def found_passages(connection: sqlite3.Connection, query: str, limit: int) -> list[StoredPassage]:
    """At most `limit` passages that share a word with `query`, best first."""
    return [_passage(connection, number) for number in best_rows(connection, query, limit)]


def _passage(connection: sqlite3.Connection, number: int) -> StoredPassage:
    row: Sequence[object] | None = connection.execute(
        "SELECT document.id, title, start, text FROM passage JOIN document ON document.id = document_id "
        "WHERE passage.id = ?",
        (number,),
    ).fetchone()
    if row is None:
        raise sqlite3.DatabaseError("the index names a passage that is not there")
    return StoredPassage(*row)  # type: ignore[arg-type]  # the columns' types are those of the table


def _document_id(connection: sqlite3.Connection, name: str) -> int | None:
    row: tuple[int] | None = connection.execute("SELECT id FROM document WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def _remove_passages(connection: sqlite3.Connection, document_id: int) -> None:
    rows = connection.execute("SELECT id FROM passage WHERE document_id = ?", (document_id,)).fetchall()
    remove_rows(connection, (number for (number,) in rows))
    connection.execute("DELETE FROM passage WHERE document_id = ?", (document_id,))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")  # The lock is taken at once, so that a wait happens before any work.
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    if not _is_set_up(connection, path):
        with _transaction(connection):
            if not _is_set_up(connection, path):  # Another process may have been first.
                for table in _TABLES:
                    connection.execute(table)
                create_index(connection, removable=True)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switches the file to write-ahead logging, in which readers and a writer do not block each other."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        # In use just now: everything is as safe without it, and the next writer switches.


def _is_set_up(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there. False for an empty file; raises for a file that is not ours, or newer than us."""
    # The tables are looked for first: another process may be making them, and whoever sees them sees the marks too.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables == 0:
        return False
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise CorpusUnreadable(f"{path} is a database of another program. Choose another corpus file.")
    if version > SCHEMA_VERSION:
        raise CorpusUnreadable(f"The corpus file {path} was written by a newer version of Touchstone. Update this one.")
    return True


def _on_read_only_disk(path: Path) -> bool:
    """Whether nothing can be written beside the file, not even the log that a reader needs, and no log is there."""
    log = path.with_name(path.name + "-wal")
    return not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)


def _what_to_do(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # The low byte is the kind of error.
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"The corpus file {path} is being written by another process. Try again when that has finished."
        case sqlite3.SQLITE_FULL:
            return f"The disk is full: nothing more fits into the corpus file {path}. Free some space and try again."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return (
                f"The corpus file {path} cannot be opened or written ({error}). "
                "Check that it is a file, and that this user may write to it and to its folder."
            )
        case sqlite3.SQLITE_IOERR:
            return (
                f"The disk failed while the corpus file {path} was used ({error}). Check the disk and its free space."
            )
        case _:
            return f"The corpus file {path} is damaged ({error}). Move the file away and add your files again."
