"""The words by which passages are found, made the same way from a query and from a source.

The full-text index knows only runs of letters and digits. So that "22May25" meets "22 May", "7,116" meets "7116GBP"
and a Chinese query meets a Chinese text (which has no spaces), both sides pass through `searchable` first. It is only
for finding: what is quoted and judged is always the untouched text.
"""

import re
import unicodedata
from collections.abc import Iterable

QUERY_TERMS_MAX = 64
"""Terms. A long sentence holds about forty content words. The bound keeps the work of one search in proportion."""

# fmt: off
STOP_WORDS = frozenset(
    {
        "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being",
        "but", "by", "can", "could", "did", "do", "does", "doing", "for", "from", "had", "has", "have", "he", "her",
        "here", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "me", "my", "no", "nor",
        "not", "of", "on", "or", "our", "shall", "she", "should", "so", "some", "such", "than", "that", "the",
        "their", "them", "then", "there", "these", "they", "this", "those", "to", "too", "us", "was", "we", "were",
        "what", "when", "where", "which", "who", "whom", "whose", "why", "will", "with", "would", "yes", "you",
        "your",
    }
)
# fmt: on
"""Words that stand in nearly every English passage and so tell none from another. "may" stays a term: it is a month."""

_WORD = re.compile(r"\w+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d\d\d(?!\d))")
_DIGIT_EDGE = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def searchable(text: str) -> str:
    """`text` as the index sees it: numbers apart from letters, no thousands commas, ideographs one by one."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # a lone surrogate cannot be stored
        text = _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFC", text))
    return _DIGIT_EDGE.sub(" ", _THOUSANDS.sub("", text)).replace("_", " ")


def tokens(text: str) -> list[str]:
    """The runs of letters and digits of `text`, in order."""
    return _WORD.findall(searchable(text))


def query_terms(query: str) -> list[str]:
    """The distinct content words of `query` in order, at most QUERY_TERMS_MAX; all its words if none has content.

    A word that `searchable` takes apart ("INV7701B", a Chinese name) is a term as a whole, with its parts separated by
    spaces, beside its parts: the whole ranks the exact match first, the parts find the rest.
    """
    words = [tokens(word) for word in _WORD.findall(_THOUSANDS.sub("", query))]
    return _terms(words, STOP_WORDS) or _terms(words, frozenset())


def _terms(words: Iterable[list[str]], left_out: frozenset[str]) -> list[str]:
    found: dict[str, str] = {}  # By their lower-case form; the index folds case itself, and for more scripts.
    for parts in words:
        whole = [" ".join(parts)] if len(parts) > 1 else []
        for term in whole + [part for part in parts if part.lower() not in left_out]:
            found.setdefault(term.lower(), term)
        if len(found) >= QUERY_TERMS_MAX:
            break
    return list(found.values())[:QUERY_TERMS_MAX]
