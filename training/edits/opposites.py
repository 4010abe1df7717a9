"""The edit that puts a word's opposite in its place: "increased" becomes "decreased"."""

import random
import re

from inference.judges.alignment.opposites import PAIRS
from inference.judges.alignment.vocabulary import word_set
from training.edits.edit import Edited, asserts, put_word
from training.pairs import REFUTED

_WORD = re.compile(r"(?<![\w'’-])[a-z]{4,}\b(?!['’])|^[A-Z][a-z]{3,}\b(?!['’])")
_MANY_SENSES = word_set(
    """
absorb after ally appear attract back base before begin birth boil bottom build calm certain child close come common
constant cool day dead death disprove divide divorce down dry early employ end enter even exempt exit expired fake
female find finish first fixed flat fold free fresh front full gas give go hard hate hearing hide human in join kind
king last late leave left less lift light like liquid live local lock long love lower many married match minus more
most near net night numb odd off old on out over paid parent pass plus present prove queen raw receive remote rest
retreat right round same save send sharp show simple single solid spend spring square start stop subject subtract sweet
take tight top true under unmarried up upper void warm waste weak well wet winner write
"""
)
"""What is often said in another sense, or asks for another word beside it: "the right to", "30 years old"."""
_IRREGULAR = {
    "win": "won", "lose": "lost", "fall": "fell", "rise": "rose", "grow": "grew", "shrink": "shrank", "buy": "bought",
    "sell": "sold", "lend": "lent", "begin": "began", "build": "built", "sink": "sank", "cut": "cut", "freeze": "froze",
    "forget": "forgot", "forbid": "forbade", "shut": "shut", "withdraw": "withdrew", "deny": "denied",
}  # fmt: skip
_PLURAL = {"man": "men", "woman": "women", "wife": "wives", "enemy": "enemies", "country": "countries"}
_DOUBLED = {"drop", "cut", "win", "begin", "ban", "admit", "emit", "repel", "forget", "forbid", "permit", "shut"}
_DESCRIBES = re.compile(
    r"(?:al|ic|ive|ous|ful|less|ble|ant|ent|ern|ary|ory|ior|ar|ate|ile|id|ish)\Z|^(?:un|in|im|il|ir|dis)"
)
_ADJECTIVES = word_set(
    """
ancient angry big brave bright cheap clean cold dark deep different difficult dirty easy empty expensive fast happy
high hot large little loud low major male minor modern narrow new poor private public quick quiet rare real rich
rough sad safe same shallow short slow small smooth soft strong tall thick thin wealthy wide wrong young
"""
)
_BESIDE = re.compile(r"\A(?: school| court| street| profile| enough| as\b|-)", re.I)


def _is_adjective(word: str) -> bool:
    return word in _ADJECTIVES or bool(_DESCRIBES.search(word))


def _past(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("e"):
        return f"{word}d"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ied"
    return f"{word}{word[-1] if word in _DOUBLED else ''}ed"


def _many(word: str) -> str:
    if word in _PLURAL:
        return _PLURAL[word]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "sh", "ch", "x", "z")) else f"{word}s"


def _going(word: str) -> str:
    return f"{word[:-1] if word.endswith('e') else word + (word[-1] if word in _DOUBLED else '')}ing"


def _opposites() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in PAIRS.strip().splitlines():
        one, other, *_ = line.split()
        if {one, other} & _MANY_SENSES or "-" in one + other:
            continue
        forms = [(one, other)]
        if not _is_adjective(one) and not _is_adjective(other):
            forms += [(form(one), form(other)) for form in (_past, _many, _going)]
        for a, b in forms:
            found.setdefault(a, []).append(b)
            found.setdefault(b, []).append(a)
    return found


_OPPOSITES = _opposites()


def opposite(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "increased" becomes "decreased". Words of many senses stay, and so does what is denied."""
    found = [
        m for m in _WORD.finditer(claim) if m.group().lower() in _OPPOSITES and not _BESIDE.match(claim[m.end() :])
    ]
    if not found or not asserts(claim):
        return None
    match = rng.choice(found)
    return Edited(put_word(claim, match, rng.choice(_OPPOSITES[match.group().lower()])), REFUTED, "opposite")
