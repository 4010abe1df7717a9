"""Cuts whole blocks out of a response by their lines, so that paragraphs stay apart by one blank line. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from inference.claims.markup import Kind
from inference.correction.draft import MOVED_UP
from inference.correction.edit import Edit
from inference.correction.fates import Fate
from inference.correction.outline import Outline, Part
from inference.verdict import Span


def line_cuts(of: Outline, whole: Mapping[int, Sequence[Fate]]) -> Iterator[Edit]:
    """The edits that remove the parts `whole`, given by number with their sentences; neighbours go as one."""
    lines = _lines_of(of, whole)
    for first, last in _runs(of, sorted(lines)):
        fates = [fate for line in range(first, last + 1) for fate in lines.get(line, ())]
        claims = sorted({claim for fate in fates for claim in fate.cut})
        reason = " ".join(dict.fromkeys(reason for fate in fates for reason in fate.reasons))
        yield Edit(_span(of, first, last), "", tuple(claims), reason)


def _lines_of(of: Outline, whole: Mapping[int, Sequence[Fate]]) -> dict[int, Sequence[Fate]]:
    """The lines to remove, each with the sentences that end with it. A table without rows loses its header."""
    lines: dict[int, Sequence[Fate]] = {}
    staying = {part.table for number, part in enumerate(of.parts) if number not in whole}
    for number, fates in whole.items():
        part = of.parts[number]
        if part.table not in staying:
            lines.setdefault(part.table, ())
            lines.setdefault(part.table + 1, ())
        for line in range(part.first, part.last):
            lines[line] = ()
        lines[part.last] = fates
    return {line: fates for line, fates in lines.items() if line >= 0}


def _runs(of: Outline, lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of lines with nothing but blank lines between them."""
    first = last = -1
    for line in lines:
        if first >= 0 and all(of.is_blank(between) for between in range(last + 1, line)):
            last = line
            continue
        if first >= 0:
            yield first, last
        first = last = line
    if first >= 0:
        yield first, last


def _span(of: Outline, first: int, last: int) -> Span:
    """The lines with the blank lines on one side: what follows comes as near as it was to what came before."""
    after = last + 1
    while after < of.lines and of.is_blank(after):
        after += 1
    if after < of.lines:
        alone = first == 0 or of.is_blank(first - 1)
        return Span(of.line(first).start, of.line(after if alone else last + 1).start)
    before = first - 1
    while before >= 0 and of.is_blank(before):
        before -= 1
    if before < 0:
        return Span(0, len(of.response))
    return Span(_text_end(of, before), _text_end(of, last))


def _text_end(of: Outline, line: int) -> int:
    span = of.line(line)
    return span.start + len(of.response[span.start : span.end].rstrip())


def moved_up(of: Outline, whole: Mapping[int, Sequence[Fate]]) -> Iterator[Edit]:
    """Takes list items under one that goes to its place, or they would hang on the item before it."""
    above: list[tuple[Part, int, bool, Sequence[Fate]]] = []  # item, its new indent, whether it goes, its sentences
    for number, part in enumerate(of.parts):
        if part.kind is not Kind.ITEM:
            above.clear()
            continue
        while above and above[-1][0].indent >= part.indent:
            above.pop()
        indent = part.indent
        if above:
            parent, parent_indent, gone, _ = above[-1]
            indent = parent_indent if gone else parent_indent + part.indent - parent.indent
        if indent < part.indent and number not in whole:
            removed = [fate for _, _, gone, fates in above if gone for fate in fates]
            claims = tuple(sorted({claim for fate in removed for claim in fate.cut}))
            yield from _dedented(of, part, part.indent - indent, claims)
        above.append((part, indent, number in whole, whole.get(number, ())))


def _dedented(of: Outline, part: Part, chars: int, claims: tuple[int, ...]) -> Iterator[Edit]:
    for line in range(part.first, part.last + 1):
        start = of.line(line).start
        text = of.response[start : of.line(line).end]
        blank = len(text) - len(text.lstrip(" \t"))
        if blank:
            yield Edit(Span(start, start + min(chars, blank)), "", claims, MOVED_UP)
