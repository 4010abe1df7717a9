"""The outline of a response: its blocks with the lines they take, and the sentences in them.

The blocks are those that claims are cut from (`claims/markup.py`), so that every claim lies within one sentence here.
Code has no sentences. It decides nothing about what stays.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from inference.claims.markup import Block, Kind, blocks, mask
from inference.text.sentences import sentences
from inference.verdict import Span

BOLD_LEVEL = 7  # a line in bold heads what follows, below every heading of Markdown


@dataclass(frozen=True, slots=True)
class Part:
    """A block. `first` and `last` are its lines; `units` the sentences in it, a row being one; `indent` is that of its
    first line, in characters; `level` that of a heading, 0 for anything else."""

    kind: Kind
    span: Span
    first: int
    last: int
    indent: int
    level: int
    units: tuple[Span, ...]
    table: int = -1  # of a row: the line of its header


@dataclass(frozen=True)
class Outline:
    """A response, taken apart. `masked` is the response with its inline Markdown overwritten, of the same length."""

    response: str
    masked: str
    parts: tuple[Part, ...]
    line_starts: tuple[int, ...] = field(repr=False)

    def line_of(self, at: int) -> int:
        return bisect_right(self.line_starts, at) - 1

    def line(self, number: int) -> Span:
        """A line with its line break."""
        end = self.line_starts[number + 1] if number + 1 < len(self.line_starts) else len(self.response)
        return Span(self.line_starts[number], end)

    def is_blank(self, number: int) -> bool:
        span = self.line(number)
        return not self.response[span.start : span.end].strip()

    @property
    def lines(self) -> int:
        return len(self.line_starts)

    @cached_property
    def places(self) -> list[tuple[Span, int]]:
        """Every sentence, with the number of its part."""
        return [(unit, number) for number, part in enumerate(self.parts) for unit in part.units]


def outline(response: str) -> Outline:
    """Takes a response apart. Linear in its length."""
    masked = mask(response)
    starts = (0, *(at + 1 for at, char in enumerate(response) if char == "\n"))
    bare = Outline(response, masked, (), starts)
    parts: list[Part] = []
    for block in blocks(response):
        parts.append(_part(bare, block, parts[-1] if parts else None))
    return Outline(response, masked, tuple(parts), starts)


def _part(of: Outline, block: Block, before: Part | None) -> Part:
    fenced = block.kind in (Kind.CODE, Kind.QUOTED_TEXT)  # its span runs from the end of one fence to the other
    first = of.line_of(block.span.start)
    last = of.line_of(block.span.end if fenced else max(block.span.start, block.span.end - 1))
    begin = of.line(first).start
    indent = len(of.response[begin : block.span.end]) - len(of.response[begin : block.span.end].lstrip(" \t"))
    heading = of.response[begin : block.span.start].strip()
    level = len(heading) if block.kind is Kind.HEADING else BOLD_LEVEL if block.kind is Kind.BOLD_LINE else 0
    header = -1
    if block.kind is Kind.ROW:  # the first stands under the ruler, and that under the header
        follows = before is not None and before.kind is Kind.ROW and before.last == first - 1
        header = before.table if before is not None and follows else first - 2
    return Part(block.kind, block.span, first, last, indent, level, _units(of, block), header)


def _units(of: Outline, block: Block) -> tuple[Span, ...]:
    if block.kind is Kind.CODE:
        return ()
    if block.kind in (Kind.ROW, Kind.HEADING, Kind.BOLD_LINE):
        return tuple(trimmed(of.response, [block.span]))
    inside = sentences(of.masked[block.span.start : block.span.end])
    moved = [Span(block.span.start + one.start, block.span.start + one.end) for one in inside]
    return tuple(trimmed(of.response, moved))


def trimmed(text: str, spans: list[Span]) -> list[Span]:
    """`spans` without the white space at their edges; those of white space alone are left out."""
    found = []
    for span in spans:
        piece = text[span.start : span.end]
        if piece.strip():
            found.append(Span(span.start + len(piece) - len(piece.lstrip()), span.start + len(piece.rstrip())))
    return found
