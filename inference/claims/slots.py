"""The place in a statement where a short answer belongs: "The Eiffel Tower is in ___."

`fill` puts the answer there with the preposition or unit that it needs. It never drops a word of the answer.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from inference.claims import lexicon as lex
from inference.claims.phrases import tokens


class Wants(Enum):
    """What the question asks for, and so what must stand around a bare answer."""

    THING = auto()
    PLACE = auto()
    TIME = auto()
    COUNT = auto()
    MEASURE = auto()
    DURATION = auto()
    REASON = auto()
    MANNER = auto()
    SAME_PREPOSITION = auto()  # the answer stands in for what followed `preposition` in the question


@dataclass(frozen=True, slots=True)
class Slot:
    """`before` ___ `unit` `after`. `unit` is a counted noun or a measuring adjective."""

    before: str
    after: str = ""
    wants: Wants = Wants.THING
    unit: str = ""
    preposition: str = ""


_LOWERED_AT_START = (
    lex.DETERMINERS | lex.PREPOSITIONS | lex.ADVERBS | lex.PRONOUNS - {"i"} | {"because", "due"} | lex.NUMBER_WORDS
)
_WORD = re.compile(r"[^\W_]+")


def fill(slot: Slot, answer: str) -> str:
    """The statement that `answer` makes in `slot`, without a full stop."""
    answer = answer if not slot.before else lowered(answer)
    if slot.wants is Wants.MANNER and _first(answer) not in lex.PREPOSITIONS:
        return capitalised(f"{slot.before}: {answer}")
    parts = (slot.before, _lead(slot, answer) + answer, _unit(slot, answer), slot.after)
    return capitalised(" ".join(part for part in parts if part))


def lowered(phrase: str) -> str:
    """The phrase as it stands in mid-sentence: "The Nile" is "the Nile", "Paris" stays."""
    first = _WORD.match(phrase)
    if first is None or not first.group().istitle():
        return phrase
    word = first.group().lower()
    described = word in lex.ADJECTIVES and not phrase[first.end() :].lstrip()[:1].isupper()  # "Blue", not "Blue Origin"
    return phrase[0].lower() + phrase[1:] if word in _LOWERED_AT_START or described else phrase


def capitalised(sentence: str) -> str:
    """The sentence with a capital letter first; "iPhone" and "eBay" stay."""
    if len(sentence) > 1 and sentence[1].isupper():
        return sentence
    return sentence[:1].upper() + sentence[1:]


def _first(answer: str) -> str:
    found = _WORD.match(answer)
    return found.group().lower() if found else ""


def _lead(slot: Slot, answer: str) -> str:
    """The preposition that the answer lacks, with a space behind it."""
    first = _first(answer)
    if slot.wants is Wants.PLACE and first not in lex.PLACE_STARTS:
        return "in "
    if slot.wants is Wants.TIME and first not in lex.TIME_STARTS - {"the"}:
        return time_preposition(answer)
    if slot.wants is Wants.DURATION and first not in {"for", "since", "from", "until", "about"}:
        return f"{slot.preposition} " if slot.preposition else ""
    if slot.wants is Wants.REASON and first not in {"because", "due", "to", "for", "since", "as"}:
        return "because of "
    if slot.wants is Wants.SAME_PREPOSITION and slot.preposition and first not in lex.PLACE_STARTS:
        return f"{slot.preposition} "
    return ""


def time_preposition(answer: str) -> str:
    """What stands before a time: "in " a year or month, "on " a day, "at " an hour; "" if the answer names none."""
    words = [token.lower for token in tokens(answer, 12) if token.is_word]
    numbers = [word for word in words if word[0].isdigit()]
    if re.search(r"\d\s*(?:[ap]\.?m\b|o'clock)|\d:\d\d|\b(?:noon|midnight)\b", answer, re.I):
        return "at "
    if any(word in lex.WEEKDAYS for word in words) or re.search(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", answer):
        return "on "
    if any(word in lex.MONTHS for word in words):
        return "on " if any(len(word) <= 4 and not re.match(r"\d{4}", word) for word in numbers) else "in "
    if numbers or re.search(r"\b(?:century|bc|ad|bce|spring|summer|autumn|fall|winter)\b", answer, re.I):
        return "in "
    return ""


def _unit(slot: Slot, answer: str) -> str:
    """The noun or adjective of the question, unless the answer brings it along."""
    if not slot.unit:
        return ""
    if slot.wants is Wants.MEASURE and not any(char.isdigit() for char in answer):
        return ""
    mine = {token.lower[:5] for token in tokens(answer)}
    if any(token.lower[:5] in mine for token in tokens(slot.unit)):
        return ""
    if slot.wants is Wants.COUNT and slot.preposition and not answer[-1:].isdigit():
        return f"{slot.preposition} {slot.unit}"
    return slot.unit
