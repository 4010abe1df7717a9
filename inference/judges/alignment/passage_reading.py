"""A passage cut into what can be held against a claim: its sentences and its fields.

Offsets are exact: `passage.text[span.start:span.end]` is the sentence. Passages come back for every claim of a
response, so the cut is kept.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inference.judges.alignment.records import Field, find_fields
from inference.judges.alignment.statement import Statement, read_statement
from inference.judges.alignment.tables import Cell, find_cells
from inference.judges.alignment.tokens import Kind
from inference.judges.alignment.views import views
from inference.text.kept import kept
from inference.text.sentences import sentences
from inference.verdict import Span

SENTENCE_CHARS_MAX = 1200
"""A longer sentence is held against a claim in pieces of this length, cut at white space where there is any."""
CACHED_PASSAGES = 128
"""Twenty claims against the starter corpus have some 90, of up to 170 KB each as they are read."""

CACHED_CHARS_MAX = 1_000
"""A longer passage, which no retriever that ships gives, is read anew each time: what it takes grows with the square of
its length, 8 MB for one of 20,000 characters."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage, and the keys said before it there."""

    span: Span
    statement: Statement
    context: Mapping[str, int]
    """The keys said before it: 0 for names and subjects, 1 for other words."""
    views: tuple[Statement, ...] = ()
    """The smaller statements that it makes."""
    heading: bool = False
    """A title or a section number, which says nothing but what follows is about."""
    label: Statement | None = None
    """For a cell of a table: what its row is about, which a claim must name."""


@dataclass(frozen=True, slots=True)
class PassageReading:
    """A passage as facts."""

    sentences: tuple[Sentence, ...]
    fields: tuple[Field, ...]
    record_keys: frozenset[str]
    """The keys of the words of all its keys, if it is a record."""
    said: frozenset[str]
    """The keys of the words of its title and values, if it is a record."""


def _pieces(text: str, span: Span) -> list[Span]:
    found, start = [], span.start
    while span.end - start > SENTENCE_CHARS_MAX:
        cut = text.rfind(" ", start + 1, start + SENTENCE_CHARS_MAX)
        end = cut if cut > start else start + SENTENCE_CHARS_MAX
        found.append(Span(start, end))
        start = end
    return [*found, Span(start, span.end)]


@kept(CACHED_PASSAGES, CACHED_CHARS_MAX)
def read_passage(text: str, title: str) -> PassageReading:
    """Reads a passage. Linear in its length."""
    said = dict.fromkeys((key for token in read_statement(title).tokens for key in token.keys), 0)
    found = []
    for whole in sentences(text):
        for span in _pieces(text, whole):
            statement = read_statement(text[span.start : span.end])
            found.append(Sentence(span, statement, dict(said), views(statement), _is_heading(statement)))
            said = {key: 1 for token in statement.tokens if token.content for key in token.keys} | said
            said |= {key: 0 for token in statement.tokens if token.name >= 0 or token.subject for key in token.keys}
    cells = find_cells(text)
    fields = () if cells else tuple(find_fields(text))
    found = [sentence for sentence in found if not _in_table(sentence.span, cells)]
    found += [_cell_sentence(cell) for cell in cells]
    in_keys = _all_keys([field.key for field in fields])
    in_values = _all_keys([title, *(field.value for field in fields)]) if fields else frozenset()
    return PassageReading(tuple(found), fields, in_keys, in_values)


def _cell_sentence(cell: Cell) -> Sentence:
    header = dict.fromkeys(_all_keys([cell.header.lower()]), 0)
    return Sentence(cell.span, read_statement(cell.text), header, label=read_statement(cell.label))


def _in_table(span: Span, cells: Sequence[Cell]) -> bool:
    return any(cell.span.start < span.end and span.start < cell.span.end for cell in cells)


_NUMBERED = re.compile(
    r"\s*(?:#{1,6}\s|(?:section|article|clause|chapter|part|§)?\s?\d{1,3}(?:\.\d{1,3}){0,3}[.):]?\s)", re.I
)
_HEADING_WORDS_MAX = 6


def _is_heading(statement: Statement) -> bool:
    """ "2. Term.", "TRAVEL POLICY": a number or capitals, a few words, and no verb that states anything."""
    text = statement.text.strip()
    numbered = _NUMBERED.match(text) is not None
    if not numbered and not (text.isupper() and len(text) > 3):
        return False
    body = [token for token in statement.tokens if token.kind is not Kind.MARK]
    words = [token for token in body if token.kind is Kind.WORD]
    denies = any(token.negated for token in words)
    return len(words) <= _HEADING_WORDS_MAX and not denies and not any(token.verb for token in words[1:])


def _all_keys(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(key for text in texts for token in read_statement(text).tokens for key in token.keys)
