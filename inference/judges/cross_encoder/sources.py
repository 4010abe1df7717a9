"""The sentences of the passages that a claim is judged against, put together by the source that they come from.

All passages of a given document are one source, read in its order; a sentence that two overlapping passages share is
read once, so that it does not matter where the document was cut. Any other passage is a source of its own, and its
title is read before it: sources may contradict one another, and then both have to be shown. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.text.sentences import sentences
from inference.verdict import Passage, SourceKind, Span

UNIT_CHARS_MAX = 320
"""Characters of what is read as one sentence. A longer one (a row of a table, text without marks) is read in parts."""


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence that can be quoted: `passage.text[span.start:span.end]`."""

    passage: Passage
    span: Span

    @property
    def text(self) -> str:
        return self.passage.text[self.span.start : self.span.end]


@dataclass(frozen=True, slots=True)
class Source:
    """What one source says: its title, empty for the given document, and its sentences in order."""

    title: str
    sentences: tuple[SourceSentence, ...]


def sources_of(passages: Sequence[Passage]) -> list[Source]:
    """One source for the given document, if any, and one for each other passage, in the order of the passages."""
    given = sorted((p for p in passages if p.kind is SourceKind.DOCUMENT), key=lambda p: (p.start, p.id))
    found = [_document(given)] if given else []
    found += [Source(p.title, tuple(_units(p))) for p in passages if p.kind is not SourceKind.DOCUMENT]
    return [source for source in found if source.sentences]


def _document(passages: Sequence[Passage]) -> Source:
    read: list[SourceSentence] = []
    end = -1
    for passage in passages:
        for unit in _units(passage):
            if passage.start + unit.span.start >= end:
                read.append(unit)
                end = passage.start + unit.span.end
    return Source("", tuple(read))


def _units(passage: Passage) -> Iterator[SourceSentence]:
    for sentence in sentences(passage.text):
        start = sentence.start
        while sentence.end - start > UNIT_CHARS_MAX:
            space = passage.text.rfind(" ", start + 1, start + UNIT_CHARS_MAX)
            cut = start + UNIT_CHARS_MAX if space < 0 else space
            if passage.text[start:cut].strip():
                yield SourceSentence(passage, Span(start, cut))
            start = cut
        if passage.text[start : sentence.end].strip():
            yield SourceSentence(passage, _trimmed(passage.text, start, sentence.end))


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
