"""Proper names in a sentence, and whether one names what another names.

"Einstein" is Albert Einstein, "Neil Armstrong" is not Louis Armstrong, "Mount Everest" is not Mount Kilimanjaro,
"North Korea" is not Korea. Names are runs of capitals; a text without capitals has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from inference.judges.alignment.lemma import lemma
from inference.judges.alignment.opposites import GROUPS, PAIRS
from inference.judges.alignment.places import Place, place
from inference.judges.alignment.synonyms import SETS
from inference.judges.alignment.tokens import NAME_WEIGHT, Kind, Token
from inference.judges.alignment.verbs import AUXILIARIES
from inference.judges.alignment.vocabulary import word_list, word_set

_PARTICLES = word_set("van von de da del della der di la le du bin al ibn den ten y dos the")
GENERIC = word_set(
    "mount lake river city mr mrs ms dr doctor sir lady "
    "saint general professor university college company inc ltd corp corporation co llc gmbh group the of and "
    "island islands sea ocean republic kingdom state states county tower bridge palace castle museum church "
    "street avenue road park great mountain desert valley bay gulf cape fort port building wall cathedral temple "
    "canal airport"
)
DISTINGUISHING = word_set(
    "north south east west northern southern eastern western new upper lower central inner outer great little old"
)
_ROMAN = {
    numeral.lower(): str(number)
    for number, numeral in enumerate(word_list("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI"), 1)
}


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name: which tokens make it and what it is called."""

    tokens: tuple[int, ...]
    words: frozenset[str]
    text: str
    place: Place | None


@cache
def _ordinary() -> frozenset[str]:
    """Words known as ordinary: at the start of a sentence a capital does not make a name of them."""
    everything = f"{SETS} {PAIRS} {GROUPS}".replace("!", " ")
    planets = word_list("mercury venus mars jupiter saturn uranus neptune pluto")
    return frozenset(map(lemma, everything.split())) - frozenset(map(lemma, planets))


def _named(tokens: Sequence[Token], at: int, first: int) -> bool:
    token = tokens[at]
    if token.kind is not Kind.WORD or not token.capital or not token.content:
        return token.kind is Kind.WORD and token.content and token.lemma in {"usa", "uk", "eu"}
    if token.lower in AUXILIARIES:
        return False
    if at != first or (len(token.text) > 1 and token.text.isupper()):
        return True
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is not None and following.capital and following.content:
        return True
    if place(token.lower.removesuffix("'s")) is not None:
        return True
    plural = token.lower.endswith("s") and following is not None and following.lower in {"are", "were", "have", "must"}
    return token.lemma not in _ordinary() and not plural


def _run_end(tokens: Sequence[Token], at: int, first: int) -> int:
    end = at + 1
    while end < len(tokens):
        if _initial(tokens, end) and end + 1 < len(tokens) and _named(tokens, end + 1, first):
            end += 1
            continue
        if _apart(tokens, end):
            break
        if _named(tokens, end, first) or _numeral(tokens[end]):
            end += 1
        elif tokens[end].lower in _PARTICLES and end + 1 < len(tokens) and _named(tokens, end + 1, first):
            end += 2
        else:
            break
    return end


def _initial(tokens: Sequence[Token], at: int) -> bool:
    """The point in "F. Scott"."""
    return tokens[at].text == "." and len(tokens[at - 1].text) == 1 and tokens[at].start == tokens[at - 1].end


def _apart(tokens: Sequence[Token], at: int) -> bool:
    """Whether something stands between this token and the one before: "Napoleon's soldiers" are not Napoleon."""
    return tokens[at - 1].lower.endswith("'s") or tokens[at].start - tokens[at - 1].end > 1


def _numeral(token: Token) -> bool:
    """ "Apollo 11", "Sputnik 1": a small bare number behind a name belongs to it."""
    quantity = token.quantity
    return quantity is not None and token.text.isdigit() and not quantity.dimension and len(token.text) < 4


def _spelled(token: Token) -> str:
    if token.kind is not Kind.WORD:
        return token.text
    return _ROMAN.get(token.lower, token.lemma) if token.text.isupper() else token.lemma


def mark_names(tokens: Sequence[Token], text: str) -> list[Name]:
    """Finds the names, fills in `name` and `weight`, and returns them in order."""
    words = [at for at, token in enumerate(tokens) if token.kind is Kind.WORD]
    if not words or _shouted(text):
        return _places_only(tokens)
    found: list[Name] = []
    at, first = 0, words[0]
    while at < len(tokens):
        if not _named(tokens, at, first):
            at += 1
            continue
        end = _run_end(tokens, at, first)
        found.append(_name(tokens, range(at, end), text, len(found)))
        at = end
    return found + (_places_only(tokens, len(found)) if not found else [])


def _name(tokens: Sequence[Token], run: range, text: str, number: int) -> Name:
    words = frozenset(_spelled(tokens[i]) for i in run if tokens[i].content)
    for i in run:
        tokens[i].name = number
        if tokens[i].content:
            tokens[i].weight = NAME_WEIGHT
            tokens[i].keys = tokens[i].keys | {_spelled(tokens[i])}
            tokens[i].verb = False
        if tokens[i].kind is Kind.QUANTITY:
            _as_word(tokens[i])
    surface = text[tokens[run[0]].start : tokens[run[-1]].end]
    known = place(surface.removesuffix("'s").removesuffix("’s")) or (
        place(tokens[run[0]].lemma) if len(run) == 1 else None
    )
    return Name(tuple(run), words, surface, known)


def _as_word(token: Token) -> None:
    """The 11 of "Apollo 11" is part of a name and counts nothing."""
    token.kind, token.quantity = Kind.WORD, None
    token.lemma, token.keys = token.text, frozenset({token.text})


def _shouted(text: str) -> bool:
    return text.isupper() and len(text) > 12


def _places_only(tokens: Sequence[Token], number: int = 0) -> list[Name]:
    """In a text without usable capitals only the well-known places are names."""
    found: list[Name] = []
    for at, token in enumerate(tokens):
        known = place(token.lower) if token.kind is Kind.WORD and token.content else None
        if known is not None:
            token.name, token.weight = number + len(found), NAME_WEIGHT
            found.append(Name((at,), frozenset({token.lemma}), token.text, known))
    return found


def same_name(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one set of words names what the other names: equal, or one is the short form of the other."""
    if one == other:
        return True
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if not short <= long or short <= GENERIC:
        return False
    extra = long - short
    return not extra & DISTINGUISHING and not any(word.isdigit() for word in extra)
