"""Rows of answers to check, from JSONL or CSV, as lines of a batch.

A row has what was asked, the answer, and if only that is to count, a document; each under any of the names that data
sets give them. A row without them is a fault. That an answer is empty or too long is found when its line is run, so
that one such row does not stop the others.
"""

import csv
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from inference.batches.input.rows import BOM
from inference.errors import BadInput
from inference.text.shorten import shorten
from tools.batch_input import verify_line

PROMPT = ("prompt", "question", "query")
ANSWER = ("output", "response", "answer")
DOCUMENT = ("context", "contexts", "document", "documents", "documentContent", "documentcontent")
ID = ("custom_id", "id")
COLUMNS = (ID, PROMPT, ANSWER, DOCUMENT)
"""What a row may have, each under the first of its names that stands there."""

DELIMITERS = {".csv": (",", ";", "\t"), ".tsv": ("\t",)}
"""Of fields, by the end of the file's name. Where a comma stands in numbers, spreadsheets part fields by semicolons."""

FAULTS_MAX = 10
"""Faults that are shown; more tell nobody more."""

FIELD_CHARS_MAX = 10_000_000
"""Characters in a field of CSV: whole documents stand there."""

ID_CHARS_SHOWN_MAX = 80


class RowFault(Exception):
    """What is wrong with a row, in words."""


def is_table(path: Path) -> bool:
    """Whether it is read as CSV; else as JSONL."""
    return path.suffix.lower() in DELIMITERS


def rows_as_lines(path: Path) -> Iterator[bytes]:
    """A line of a batch for each row.

    Raises BadInput at the end, with the first faults by their places, and OSError.
    """
    faults: list[str] = []
    for place, row in _rows(path):
        try:
            if isinstance(row, RowFault):
                raise row
            line = _line(place, row)
        except RowFault as fault:
            faults.append(f"{place}: {fault}")
            if len(faults) > FAULTS_MAX:
                break
        else:
            if not faults:
                yield line
    if faults:
        more = ["and more"] if len(faults) > FAULTS_MAX else []
        raise BadInput("\n".join([f"{path.name} is no table of answers:", *faults[:FAULTS_MAX], *more]), "FILE")


def read_and_unread(path: Path) -> tuple[list[str], list[str]]:
    """The names in the first row that are read, and those that are not. Raises OSError."""
    with closing(_rows(path)) as rows:
        _, row = next(rows, ("", {}))
    if isinstance(row, RowFault):
        return [], []
    read = {next((name for name in names if row.get(name) is not None), None) for names in COLUMNS}
    return [name for name in row if name in read], [name for name in row if name not in read]


def _rows(path: Path) -> Generator[tuple[str, Mapping[str, Any] | RowFault]]:
    return _table(path) if is_table(path) else _objects(path)


def _objects(path: Path) -> Generator[tuple[str, Mapping[str, Any] | RowFault]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = line.removeprefix(BOM) if number == 1 else line
            if not text.strip():
                continue
            try:
                row = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                row = RowFault(f"no JSON ({error})")
            if not isinstance(row, dict | RowFault):
                row = RowFault("no JSON object")
            yield f"line {number}", row


def _table(path: Path) -> Generator[tuple[str, Mapping[str, Any] | RowFault]]:
    csv.field_size_limit(FIELD_CHARS_MAX)
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file, delimiter=_delimiter(path), strict=True)
        try:
            names = [name.strip().lower() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            if twice := [name for name in dict.fromkeys(names) if name in chain(*COLUMNS) and names.count(name) > 1]:
                yield "line 1", RowFault(f"two columns are called {twice[0]}; which one counts? Rename the other")
                return
            for number, row in enumerate(reader, 1):
                yield f"row {number}", RowFault("more fields than the header") if None in row else row
        except csv.Error as error:
            yield f"line {reader.line_num}", RowFault(f"no CSV ({error})")
        except UnicodeDecodeError:
            yield f"after line {reader.line_num}", RowFault("no UTF-8; save the file as such (CSV UTF-8)")


def _delimiter(path: Path) -> str:
    """What stands most often in the header; the usual one where none does."""
    with path.open("rb") as file:
        header = file.readline(FIELD_CHARS_MAX)
    return max(DELIMITERS[path.suffix.lower()], key=lambda delimiter: header.count(delimiter.encode()))


def _line(place: str, row: Mapping[str, Any]) -> bytes:
    custom_id = _first(row, ID)
    prompt, answer = _text(row, PROMPT, "what was asked"), _text(row, ANSWER, "an answer")
    named = place.replace(" ", "-") if custom_id in (None, "") else str(custom_id)
    try:
        return verify_line(named, prompt, answer, _document(row))
    except TypeError:  # of orjson: a text with half a character in it
        raise RowFault("text that is no Unicode") from None


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _text(row: Mapping[str, Any], names: tuple[str, ...], what: str) -> str:
    value = _first(row, names)
    if value is None:
        there = shorten(", ".join(map(str, row)), ID_CHARS_SHOWN_MAX) or "nothing"
        raise RowFault(f"without {what}: name it {' or '.join(names)}; there is {there}")
    if not isinstance(value, str):
        raise RowFault(f"{what} that is no text")
    return value


def _document(row: Mapping[str, Any]) -> str | None:
    value = _first(row, DOCUMENT)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n\n".join(value)
    if value is None or isinstance(value, str):
        return value
    raise RowFault("a document that is neither a text nor a list of texts")
