"""Marks that come in pairs: bold, italic, code ticks, links, tags, quotation marks, brackets. Pure.

Where a stretch is removed that holds one mark of a pair, that mark stays, so that what is left is still well formed.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from inference.claims.markup import MASK
from inference.verdict import Span

_MARKUP = re.compile(r"\*+|_+|~~|`+|!?\[|\]\([^\n]*?\)(?=[^)]|\Z)|</?([a-zA-Z][\w-]*)[^<>\n]*>")
_PLAIN = re.compile(r"[“”«»()\"]")
_OPENS = {"[": "]", "![": "]", "“": "”", "«": "»", "(": ")"}
_CLOSES = frozenset("]”»)")
_VOID_TAGS = frozenset({"br", "hr", "img"})
_OPEN_MAX = 100  # marks waiting for their other half; a text with more is no prose, and the oldest is forgotten

Halves = Sequence[tuple[Span, Span]]
"""Marks that belong to pairs, in the order of the text, each with its other half."""


def halves_of(response: str, masked: str, span: Span) -> Halves:
    """The marks within `span` that belong to a pair, in order, each with its other half."""
    found: list[tuple[Span, Span]] = []
    waiting: list[tuple[str, Span]] = []
    for opens, closes, place in _marks(response, masked, span):
        at = next((i for i in range(len(waiting) - 1, -1, -1) if waiting[i][0] == closes), None) if closes else None
        if at is not None:
            found += [(waiting[at][1], place), (place, waiting[at][1])]
            del waiting[at:]
        elif opens:
            waiting.append((opens, place))
            del waiting[:-_OPEN_MAX]
    return sorted(found, key=lambda half: half[0].start)


def _marks(response: str, masked: str, span: Span) -> list[tuple[str, str, Span]]:
    """Each mark as what it opens, what it closes ("" for neither) and its place."""
    found = []
    at = span.start
    while at < span.end:
        is_mask = masked[at] == MASK and response[at] != MASK
        match = (_MARKUP if is_mask else _PLAIN).match(response, at, span.end)
        if match is None:
            at += 1
            continue
        text, place = match.group(), Span(at, match.end())
        at = match.end()
        if not is_mask:
            closes = text if text in _CLOSES or text == '"' else ""
            found.append((_OPENS.get(text, text if text == '"' else ""), closes, place))
        elif text.startswith("<"):
            name = match.group(1).lower()
            if name not in _VOID_TAGS:
                found.append(("", f"<{name}", place) if text.startswith("</") else (f"<{name}", "", place))
        elif text.startswith("]"):
            found.append(("", "]", place))
        else:
            found.append((_OPENS.get(text, text), "" if text in _OPENS else text, place))
    return found


def without_halves(cut: Span, halves: Halves) -> list[Span]:
    """`cut` without the marks in it whose other half stands outside. `halves` are as `halves_of` gives them."""
    pieces, at = [], cut.start
    for mark, other in _inside(cut, halves):
        if not (cut.start <= other.start and other.end <= cut.end):
            pieces.append(Span(at, mark.start))
            at = mark.end
    pieces.append(Span(at, cut.end))
    return [piece for piece in pieces if piece.end > piece.start]


def closes_another(cut: Span, halves: Halves) -> bool:
    """Whether a mark in `cut` closes what was opened before."""
    return any(other.start < cut.start for _, other in _inside(cut, halves))


def _inside(cut: Span, halves: Halves) -> Iterator[tuple[Span, Span]]:
    first = bisect_left(halves, cut.start, key=lambda half: half[0].start)
    for number in range(first, len(halves)):
        mark, other = halves[number]
        if mark.start >= cut.end:
            return
        if mark.end <= cut.end:
            yield mark, other
