"""Cuts a source into passages small enough to judge.

Promises: every non-blank character is in some chunk; no chunk is longer than PASSAGE_CHARS_MAX; chunks end where
sentences end, unless one sentence is longer than a chunk; the time is linear in the text. It ranks nothing.
"""

from collections.abc import Iterator

from inference.text.sentences import sentences
from inference.verdict import Span

PASSAGE_CHARS_MAX = 900
"""Characters. About 150 words: enough for a fact with its setting, and short enough for a small judge to read whole."""

OVERLAP_CHARS_MAX = PASSAGE_CHARS_MAX // 3
"""Characters. The last sentence of a chunk opens the next one too, so that two sentences that belong together meet in
one chunk. A third, so that a source never grows by more than half."""

_SPACES = " \t\n\r\u3000"


def chunk(text: str) -> list[Span]:
    """The stretches of `text` that make its passages, in order."""
    chunks: list[Span] = []
    first: Span | None = None
    last: Span | None = None
    for unit in _units(text):
        if first is None or last is None:
            first = unit
        elif unit.end - first.start > PASSAGE_CHARS_MAX:
            chunks.append(Span(first.start, last.end))
            first = last if _can_overlap(last, unit) else unit
        last = unit
    if first is not None and last is not None:
        chunks.append(Span(first.start, last.end))
    return chunks


def _can_overlap(last: Span, following: Span) -> bool:
    return last.end - last.start <= OVERLAP_CHARS_MAX and following.end - last.start <= PASSAGE_CHARS_MAX


def _units(text: str) -> Iterator[Span]:
    """What a chunk is put together from: sentences, and pieces of the sentences that are too long for one chunk."""
    for sentence in sentences(text):
        if sentence.end - sentence.start <= PASSAGE_CHARS_MAX:
            yield sentence
        else:
            yield from _pieces(text, sentence)


def _pieces(text: str, sentence: Span) -> Iterator[Span]:
    """Pieces of at most OVERLAP_CHARS_MAX, so that a long sentence overlaps as short ones do. Cut at a space if any."""
    start = sentence.start
    while start < sentence.end:
        end = _piece_end(text, start, sentence.end)
        piece = text[start:end]
        if piece.strip():
            yield Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
        start = end


def _piece_end(text: str, start: int, sentence_end: int) -> int:
    if sentence_end - start <= OVERLAP_CHARS_MAX:
        return sentence_end
    furthest = start + OVERLAP_CHARS_MAX
    space = max(text.rfind(character, start + 1, furthest) for character in _SPACES)
    return furthest if space < 0 else space
