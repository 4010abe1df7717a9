"""Finds a quote in the text that it is said to be from. Pure.

A model copies letters, and now and then it writes a straight quote for a curly one or a space for a line break. Such a
quote is found all the same, and what is shown is the passage's own text. One that differs in any letter or digit, or
begins or ends inside a word, is not there: "possible" is no quote from "impossible".
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from inference.text.function_words import ENGLISH
from inference.text.words import words
from inference.verdict import Passage, Span

_SAME = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    "ﬁ": "fi",  # of PDF files
    "ﬂ": "fl",
}
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_CACHED_TEXTS = 512  # passages are at most 900 characters; several quotes are looked for in each
_SPACED_BELOW = "\u0e00"
"""Scripts that put spaces between words lie below Thai; in others a quote may begin anywhere."""


def find_quote(quote: str, passage: Passage, others: Sequence[Passage] = ()) -> tuple[Passage, Span] | None:
    """Where `quote` stands verbatim: in `passage`, or else in the first of `others` that has it; None if nowhere, or if
    it holds no word that says anything."""
    if not _says_something(quote):
        return None
    for candidate in (passage, *(other for other in others if other.id != passage.id)):
        span = find_in(quote, candidate.text)
        if span is not None:
            return candidate, span
    return None


def find_in(quote: str, text: str) -> Span | None:
    """The first place of `quote` in `text`: as it is, else but for white space and typography."""
    wanted = quote.strip()
    if not wanted:
        return None
    exact = _first_whole(_places(wanted, text), len(wanted), text)
    return exact or _find_plain(wanted, text)


def _find_plain(quote: str, text: str) -> Span | None:
    wanted = _plain(quote)[0].strip("\"' ")
    plain, origins = _plain(text)
    if not wanted:
        return None
    for start in _places(wanted, plain):
        span = Span(origins[start], origins[start + len(wanted) - 1] + 1)
        if _whole(span, text):
            return span
    return None


@lru_cache(maxsize=_CACHED_TEXTS)
def _plain(text: str) -> tuple[str, list[int]]:
    """`text` with plain marks and single spaces, and for each of its characters the place that it came from."""
    characters: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        if character in _INVISIBLE:
            continue
        if character.isspace():
            if characters and characters[-1] == " ":
                continue
            character = " "
        for plain in _SAME.get(character, character):
            characters.append(plain)
            origins.append(place)
    return "".join(characters), origins


def _places(wanted: str, text: str) -> Iterator[int]:
    start = text.find(wanted)
    while start >= 0:
        yield start
        start = text.find(wanted, start + 1)


def _first_whole(places: Iterator[int], length: int, text: str) -> Span | None:
    spans = (Span(start, start + length) for start in places)
    return next((span for span in spans if _whole(span, text)), None)


def _whole(span: Span, text: str) -> bool:
    """Whether no word is cut at either end."""
    return not (_inside_a_word(text, span.start) or _inside_a_word(text, span.end))


def _inside_a_word(text: str, place: int) -> bool:
    if not 0 < place < len(text):
        return False
    return all(character.isalnum() and character < _SPACED_BELOW for character in text[place - 1 : place + 1])


def _says_something(quote: str) -> bool:
    return any(word.surface.lower() not in ENGLISH for word in words(quote))
