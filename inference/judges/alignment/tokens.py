"""The pieces of a statement: words with their plain forms and synonyms, dates, quantities and marks.

Cutting only. What a piece means in its sentence (negated, subject, name) is filled in by the modules that know it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from inference.judges.alignment.dates import Dated, find_dates
from inference.judges.alignment.lemma import form, lemma, root
from inference.judges.alignment.numbers import find_quantities
from inference.judges.alignment.phrases import canonical
from inference.judges.alignment.places import place
from inference.judges.alignment.quantity import Quantity
from inference.judges.alignment.synonyms import synonym_keys
from inference.judges.alignment.vocabulary import word_list, word_set


class Kind(StrEnum):
    """What sort of piece a token is."""

    WORD = "word"
    DATE = "date"
    QUANTITY = "quantity"
    MARK = "mark"


class Role(StrEnum):
    """Who does and who is done to, as far as voice and order tell."""

    AGENT = "agent"
    PATIENT = "patient"
    NONE = ""


@dataclass(slots=True)
class Token:
    """One piece at `text[start:end]`. A value object once `read_statement` has returned it."""

    text: str
    lower: str
    start: int
    end: int
    kind: Kind
    lemma: str = ""
    degree: str = ""
    keys: frozenset[str] = frozenset()
    root: str = ""
    weight: float = 0.0
    capital: bool = False
    verb: bool = False
    negated: bool = False
    clause: int = 0
    preposition: str = ""
    subject: bool = False
    role: Role = Role.NONE
    name: int = -1
    date: Dated | None = None
    quantity: Quantity | None = None

    @property
    def content(self) -> bool:
        return self.weight > 0


_STOP = word_set(
    "a an the this that these those it its he his him himself she her hers herself they their them theirs "
    "themselves itself we our us you your i my me who whom whose which what when where why how there here am is "
    "are was were be been being isn't aren't wasn't weren't do does did don't doesn't didn't has have had having "
    "hasn't haven't hadn't can could may might must shall should will would cannot can't couldn't mustn't "
    "shouldn't won't wouldn't of in on at to for from by with without as into onto upon about around between "
    "among through during against within over under above below than and or but nor so yet if then also too very "
    "just both either neither such not no never none nobody nothing via per toward towards across along off out "
    "up down since until till while because although though whereas unless however all every each any some most "
    "many few several more less much own same other another only ever even still already now yes okay suchas "
    "accordingto asof atall atleast atmost approximately roughly nearly almost really actually indeed certainly "
    "definitely simply truly quite rather instead please not's 's s n't"
) - {"above", "below", "same", "under", "over", "only", "own", "other", "during"}
LIGHT_WEIGHT = 0.25
"""What a word weighs that a statement can lose without becoming another one."""
_LIGHT = frozenset(
    lemma(word)
    for word in word_list(
        "located situated stands lies sits found called named known considered regarded classified defined thing "
        "things kind type fact facts scientifically officially proven currently today nowadays generally typically "
        "usually mainly mostly famous well popular traditional exact exactly respectively total "
        "overall various take took takes taken taking go went get got gets become became according made "
        "make makes word term place places document passage text article contract agreement section clause record "
        "invoice policy page say says state states mention mentions specify specifies show shows list lists indicate "
        "indicates note notes year years date time times number period located employment during man-made also often "
        "commonly originally"
    )
)
CONTENT_WEIGHT = 1.0
NAME_WEIGHT = 1.5

_RAW = re.compile(
    r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:['’][^\W_]+)*(?:\+\+|#)?(?:\.(?=\s[a-z])(?<=\bno\.))?|[^\w\s]|_", re.IGNORECASE
)


ORDINALS = word_list("zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")


def _word(text: str, start: int, end: int, stands_for: str = "") -> Token:
    surface = text[start:end]
    lower = surface.lower().replace("’", "'")
    plain, degree = (lemma(stands_for), "") if stands_for else form(lower)
    ordinal = _ORDINAL.fullmatch(lower)
    if ordinal and int(ordinal[1]) < len(ORDINALS):
        plain = lemma(ORDINALS[int(ordinal[1])])
    token = Token(surface, lower, start, end, Kind.WORD, plain, degree)
    token.capital = surface[:1].isupper()
    token.keys = _keys(plain, stands_for or lower)
    token.root = root(lower) if not stands_for else ""
    token.weight = _weight(lower, plain, stands_for)
    return token


_GENERIC = frozenset(map(lemma, ("people", "someone", "anyone", "somebody", "anybody")))


def _weight(lower: str, plain: str, stands_for: str) -> float:
    if (stands_for or lower) in _STOP or lower.endswith("n't"):
        return 0.0
    return LIGHT_WEIGHT if (plain in _LIGHT or plain in _GENERIC) and not stands_for else CONTENT_WEIGHT


def _keys(plain: str, lower: str) -> frozenset[str]:
    keys = {plain} | synonym_keys(plain)
    found = place(lower.removesuffix("'s"))
    if found is not None:
        keys.add("@" + found.name)
    return frozenset(keys)


def _mark(text: str, start: int, end: int) -> Token:
    return Token(text[start:end], text[start:end], start, end, Kind.MARK)


def _value_tokens(text: str) -> list[Token]:
    dates = find_dates(text)
    tokens = [
        Token(text[d.start : d.end], text[d.start : d.end].lower(), d.start, d.end, Kind.DATE, date=d) for d in dates
    ]
    for q in find_quantities(text, [(d.start, d.end) for d in dates]):
        piece = text[q.start : q.end]
        tokens.append(Token(piece, piece.lower(), q.start, q.end, Kind.QUANTITY, quantity=q))
    for token in tokens:
        token.weight = NAME_WEIGHT
    return sorted(tokens, key=lambda token: token.start)


def _words_outside(text: str, values: list[Token]) -> list[tuple[int, int]]:
    spans, at = [], 0
    for match in _RAW.finditer(text):
        start, end = match.span()
        while at < len(values) and values[at].end <= start:
            at += 1
        if at == len(values) or end <= values[at].start:
            spans.append((start, end))
        elif start < values[at].start:
            spans.append((start, values[at].start))
    return spans


def _merged(text: str, spans: list[tuple[int, int]]) -> list[Token]:
    """Words with the expressions of several words made one."""
    words = [(start, end) for start, end in spans if text[start].isalnum()]
    surfaces = [text[start:end].replace("’", "'") for start, end in words]
    tokens, at = [], 0
    while at < len(words):
        length, stands_for = canonical(surfaces, at)
        if length and _unbroken(text, words[at][0], words[at + length - 1][1]):
            tokens.append(_word(text, words[at][0], words[at + length - 1][1], stands_for))
            at += length
        else:
            tokens.append(_word(text, *words[at]))
            at += 1
    return tokens


_BREAK = re.compile(r"[;:()!?\n]|,\s(?!d)")


def _unbroken(text: str, start: int, end: int) -> bool:
    return _BREAK.search(text, start, end) is None


def tokenise(text: str) -> list[Token]:
    """The tokens of `text` in order, none overlapping another. Linear in the length of `text`."""
    values = _value_tokens(text)
    spans = _words_outside(text, values)
    words = _merged(text, spans)
    marks = [_mark(text, start, end) for start, end in spans if not text[start].isalnum()]
    tokens = sorted([*values, *words, *marks], key=lambda token: token.start)
    _absorb_bounds(tokens)
    return tokens


_BOUND_WORDS = word_set(
    "minimum maximum least most more less fewer than before after over under above below exceeding exceeds within "
    "prior earlier later excess upwards up around circa year ad or plus limit greater higher lower no not between"
)
_COMPARATIVES = word_set("higher lower greater more less fewer")
"""Behind a value they say which way it goes: \"12% lower than\"."""
_BOUND_GLUE = word_set("a of the at in to about")


def _absorb_bounds(tokens: list[Token]) -> None:
    """The words around a value that set its bound say nothing of their own: the value carries them."""
    for at, token in enumerate(tokens):
        if token.kind not in {Kind.DATE, Kind.QUANTITY}:
            continue
        back = at - 1
        while back >= max(0, at - 4) and tokens[back].lower in _BOUND_WORDS | _BOUND_GLUE:
            tokens[back].weight = 0.0
            back -= 1
        for following in tokens[at + 1 : at + 3]:
            if following.lower not in _BOUND_WORDS - _COMPARATIVES:
                break
            following.weight = 0.0
