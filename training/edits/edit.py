"""What an edit is: a supported claim changed so that its label is known. Pure, with the randomness as an argument.

An edit that is to break a claim leaves those alone that deny or suppose something: "not 5 km away" is as true with 7.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edited:
    """A changed claim and the classes that are right for it (bits of `training.pairs`)."""

    claim: str
    allowed: int
    kind: str


Edit = Callable[[random.Random, str, str], Edited | None]
"""(randomness, claim, evidence) to the edited claim, or None where the edit does not apply."""

_RESERVED = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|hardly|barely|scarcely|few|fail(?:s|ed)?"
    r"|lack(?:s|ed)?|den(?:y|ies|ied)|refuse[sd]?|unless|if|whether)\b|n[’']t\b",
    re.I,
)
_ARTICLE = re.compile(r"\b([Aa])n?(?=\s\Z)")
_VOWEL = re.compile(r"[aeio]|u(?!ni|se|su|ti|k)|hour|hono", re.I)
_JOINT = (
    r"[\s,;:/&()–-]|(?:and|or|to|in|of|the|an?|is|was|also|known|as|born|called|named|formerly)\b|[A-Z0-9][\w.’'-]*+"
)


def asserts(claim: str) -> bool:
    """Whether a claim says that something is so, without a denial or a condition in it."""
    return not _RESERVED.search(claim)


def put(text: str, match: re.Match[str], new: str) -> str:
    """`text` with `new` in the place of a match, and "a" or "an" before it as `new` wants."""
    before = text[: match.start()]
    if new[:1].isalpha():
        before = _ARTICLE.sub(lambda a: a[1] + ("n" if _VOWEL.match(new) else ""), before)
    return before + new + text[match.end() :]


def put_word(text: str, match: re.Match[str], new: str) -> str:
    """The same, capitalised as the word was."""
    return put(text, match, new[:1].upper() + new[1:] if match.group()[:1].isupper() else new)


def says(text: str, words: str) -> bool:
    """Whether whole words, or a whole number, stand in a text as they are written."""
    return re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(words)}(?!\w)(?![.,]\d)", text) is not None


def go_together(text: str, one: str, other: str) -> bool:
    """Whether two stand side by side in a list, a place within a place, or a thing and what it is also called."""
    a, b = re.escape(one), re.escape(other)
    return any(re.search(rf"\b{x}(?:{_JOINT}){{0,16}}?\b{y}\b", text) for x, y in ((a, b), (b, a)))
