"""Tables with a header line: each cell becomes a statement, "The price of the product blue kettle is 24.99 EUR".

Rows are lines with the same number of cells, cut at "|", tabs, ";" or ",". The first column says what a row is about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.verdict import Span

_ROWS_MAX, _CELLS_MAX = 300, 20
"""A larger table is data, not a passage; the rest is left to the sentence reader."""
_CELL_CHARS_MAX = 80
_LINE_RULE = re.compile(r"[\s|:+=-]*")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell in words, the label of its row, the words of the header line, and where the row stands."""

    text: str
    label: str
    header: str
    span: Span


def find_cells(text: str) -> list[Cell]:
    """The cells of the tables in `text`. Linear in its length; prose has none."""
    found: list[Cell] = []
    for mark in ("|", "\t", ";", ","):
        if mark in text and not found:
            for block in _blocks(text, mark):
                found += _block_cells(block)
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[str, ...]
    span: Span


def _row(line: str, start: int, mark: str) -> _Row | None:
    stripped = line.strip()
    bare = stripped.strip("|") if mark == "|" else stripped
    cells = tuple(cell.strip() for cell in bare.split(mark))
    if not 2 <= len(cells) <= _CELLS_MAX or any(len(cell) > _CELL_CHARS_MAX for cell in cells):
        return None
    at = start + line.index(stripped)
    return _Row(cells, Span(at, at + len(stripped)))


def _blocks(text: str, mark: str) -> list[list[_Row]]:
    """Runs of at least two lines with the same number of cells."""
    blocks: list[list[_Row]] = [[]]
    start = 0
    for line in text.split("\n"):
        rule = mark == "|" and _LINE_RULE.fullmatch(line) is not None and mark in line
        row = None if rule else _row(line, start, mark)
        start += len(line) + 1
        if rule:
            continue
        if row is None or (blocks[-1] and len(blocks[-1][0].cells) != len(row.cells)):
            blocks.append([])
        if row is not None and len(blocks[-1]) < _ROWS_MAX:
            blocks[-1].append(row)
    return [block for block in blocks if _is_table(block, mark)]


def _is_table(block: Sequence[_Row], mark: str) -> bool:
    if len(block) < 2 or not all(block[0].cells):
        return False
    header = block[0].cells
    if any(any(c.isdigit() for c in cell) and not cell.isdigit() for cell in header[1:]) or header[0].isdigit():
        return False
    if mark in "|\t":
        return len(header) > 2 or not any(len(cell.split()) > 3 for cell in header)
    return len(header) > 2 and all(not row.cells[-1].endswith(".") and row.cells[0] for row in block)


def _block_cells(block: Sequence[_Row]) -> list[Cell]:
    header = block[0].cells
    found = []
    for row in block[1:]:
        label = row.cells[0]
        for key, value in zip(header[1:], row.cells[1:], strict=True):
            if key and value and label:
                found.append(
                    Cell(f"The {key.lower()} of the {header[0]} {label} is {value}.", label, " ".join(header), row.span)
                )
    return found
