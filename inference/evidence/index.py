"""Finds the stretches of text that share rare words with a query: BM25 over SQLite's full-text index (FTS5).

The tables here carry no text of their own beyond the words to search: a row is a number, and what the number stands for
is the caller's. The same functions serve the given document, the starter corpus and the user's corpus file, so one
piece of code ranks all. Everything here blocks; callers run it in a thread (SQLite releases the interpreter lock).
"""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from inference.evidence.search_terms import query_terms, searchable

TITLE_WEIGHT = 2.0
"""A word in a title says more of what a passage is about than one in its text. Twice is the customary start."""

_COLUMNS = "title, text, tokenize = 'porter unicode61 remove_diacritics 2'"
# Porter, so that "locates" meets "located"; diacritics off, so that "Zurich" meets "Zürich".


class IndexRow(NamedTuple):
    """What is indexed of one passage."""

    number: int
    title: str
    text: str


def create_index(connection: sqlite3.Connection, *, removable: bool) -> None:
    """Makes the full-text table. Without `removable` it keeps no copy of the text, which halves its size."""
    keeping = "" if removable else ", content = ''"
    connection.execute(f"CREATE VIRTUAL TABLE passage_index USING fts5({_COLUMNS}{keeping})")


def add_rows(connection: sqlite3.Connection, rows: Iterable[IndexRow]) -> None:
    connection.executemany(
        "INSERT INTO passage_index(rowid, title, text) VALUES (?, ?, ?)",
        ((row.number, searchable(row.title), searchable(row.text)) for row in rows),
    )


def remove_rows(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    connection.executemany("DELETE FROM passage_index WHERE rowid = ?", ((number,) for number in numbers))


def best_rows(connection: sqlite3.Connection, query: str, limit: int) -> list[int]:
    """The numbers of at most `limit` rows that share a word with `query`, best first; of equals the lower one first."""
    expression = match_expression(query)
    if not expression:
        return []
    found = connection.execute(
        "SELECT rowid FROM passage_index WHERE passage_index MATCH ? "
        "ORDER BY bm25(passage_index, ?, 1.0), rowid LIMIT ?",
        (expression, TITLE_WEIGHT, limit),
    )
    return [number for (number,) in found]


def match_expression(query: str) -> str:
    """`query` in the index's language: any of its terms. Empty if it holds no word. No term holds a quotation mark."""
    return " OR ".join(f'"{term}"' for term in query_terms(query))


class MemoryIndex:
    """An index that lives in memory. Several threads may search it; they take turns."""

    def __init__(self, texts: Sequence[str], titles: Sequence[str] = ()) -> None:
        """Indexes `texts` under their positions, with `titles` beside them if given. Blocks until that is done."""
        self._turn = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)  # built in one thread, used in others
        create_index(self._connection, removable=False)
        rows = zip(titles or [""] * len(texts), texts, strict=True)
        add_rows(self._connection, (IndexRow(number, title, text) for number, (title, text) in enumerate(rows)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def best(self, query: str, limit: int) -> list[int]:
        """The positions of at most `limit` texts that share a word with `query`, best first."""
        with self._turn:
            return best_rows(self._connection, query, limit)

    def close(self) -> None:
        """Frees the memory. Waits for a running search."""
        with self._turn:
            self._connection.close()
