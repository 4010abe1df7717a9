"""Quantities in running text: numbers in digits or words, their units and their bounds.

"about 3 million", "1,083 ft", "at least three days", "between 5 and 10", "50%", "one third", "$5". A quantity without a
unit counts a noun ("eight planets"), which is kept so that planets are not compared with moons. Dates are not its
business: their characters come in as `taken`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.judges.alignment.lemma import lemma
from inference.judges.alignment.number_words import (
    MULTIPLES,
    Cursor,
    cut_pieces,
    read_digits,
    read_fraction,
    read_number_word,
    read_written_fraction,
)
from inference.judges.alignment.quantity import Bound, Quantity
from inference.judges.alignment.units import CASE_MATTERS, ONLY_AFTER_DIGITS, unit_table
from inference.judges.alignment.vocabulary import word_set


def _temperature(cursor: Cursor, value: float) -> tuple[str, str, float] | None:
    """Reads "degrees Celsius", "°C", "C" after a number; gives degrees Celsius."""
    word, exact = cursor.peek(), cursor.exact()
    scale = ""
    if word.startswith("°"):
        scale, used = word[1:].strip(), 1
        if not scale and cursor.peek(1) in {"c", "f", "celsius", "fahrenheit"}:
            scale, used = cursor.peek(1)[0], 2
    elif word in {"degree", "degrees"}:
        after = cursor.peek(1)
        scale = after[0] if after in {"celsius", "centigrade", "fahrenheit", "c", "f", "kelvin"} else ""
        used = 2 if scale else 1
    elif word in {"celsius", "fahrenheit"} or (exact in {"C", "F"} and cursor.close()):
        scale, used = word[0], 1
    elif word in {"kelvin", "kelvins"}:
        scale, used = "k", 1
    else:
        return None
    cursor.at += used
    if scale == "f":
        return "temperature", "degrees Fahrenheit", (value - 32) / 1.8
    if scale == "k":
        return "temperature", "kelvin", value - 273.15
    return ("temperature", "degrees Celsius", value) if scale == "c" else ("degrees", "degrees", value)


_TIME_WORDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "sec": 1.0, "hr": 3600.0, "s": 1.0, "h": 3600.0}


def _plain_unit(cursor: Cursor, spelled: bool) -> tuple[str, str, float] | None:
    word, exact = cursor.peek(), cursor.exact()
    hyphen = 1 if word == "-" and cursor.close() else 0  # "a 330-metre tower"
    if hyphen:
        word, exact = cursor.peek(1), cursor.exact(1)
    if word == "light" and cursor.peek(hyphen + 1) in {"year", "years"}:
        cursor.at += hyphen + 2
        return "length", "light years", 9.461e15
    if word == "per" and cursor.peek(hyphen + 1) == "cent":
        cursor.at += hyphen + 2
        return "ratio", "percent", 0.01
    power = {"square": 2, "sq": 2, "cubic": 3}.get(word)
    if power:
        return _powered(cursor, power, hyphen)
    if (word in ONLY_AFTER_DIGITS and spelled) or exact in {"A", "As"}:
        return None
    known = CASE_MATTERS.get(exact) or unit_table().get(word)
    if known is None or not known[0]:
        return None
    cursor.at += hyphen + 1
    return known[0], word, known[1]


def _powered(cursor: Cursor, power: int, hyphen: int) -> tuple[str, str, float] | None:
    word = cursor.peek(hyphen + 1)
    known = unit_table().get(word)
    if known is None or known[0] != "length":
        return None
    cursor.at += hyphen + 2
    if power == 2:
        return "area", f"square {word}", known[1] ** 2
    return "volume", f"cubic {word}", known[1] ** 3 * 1000


def _unit(cursor: Cursor, spelled: bool) -> tuple[str, str, float] | None:
    """Reads a unit behind a number, "per hour" and all."""
    found = _plain_unit(cursor, spelled)
    if found is None or found[0] != "length":
        return found
    if cursor.peek() in {"per", "an", "a", "/"} and cursor.peek(1) in _TIME_WORDS:
        seconds = _TIME_WORDS[cursor.peek(1)]
        unit = f"{found[1]} per {cursor.peek(1)}"
        cursor.at += 2
        return "speed", unit, found[2] / seconds
    return found


_APPROXIMATE = word_set("about around approximately roughly nearly almost some circa ~ ≈ approx approx. estimated")

_BEFORE = (
    (("more", "than"), Bound.MORE), (("greater", "than"), Bound.MORE), (("higher", "than"), Bound.MORE),
    (("at", "least"), Bound.LEAST), (("no", "less", "than"), Bound.LEAST), (("not", "less", "than"), Bound.LEAST),
    (("no", "fewer", "than"), Bound.LEAST), (("minimum", "of"), Bound.LEAST), (("upwards", "of"), Bound.LEAST),
    (("in", "excess", "of"), Bound.MORE), (("less", "than"), Bound.LESS), (("fewer", "than"), Bound.LESS),
    (("lower", "than"), Bound.LESS), (("no", "more", "than"), Bound.MOST), (("not", "more", "than"), Bound.MOST),
    (("at", "most"), Bound.MOST), (("up", "to"), Bound.MOST), (("maximum", "of"), Bound.MOST),
    (("not", "exceeding"), Bound.MOST), (("over",), Bound.MORE), (("above",), Bound.MORE), (("exceeding",), Bound.MORE),
    (("exceeds",), Bound.MORE), (("minimum",), Bound.LEAST), (("maximum",), Bound.MOST), (("under",), Bound.LESS),
    (("below",), Bound.LESS), (("within",), Bound.MOST),
)  # fmt: skip

_AFTER = (
    (("or", "more"), Bound.LEAST), (("or", "less"), Bound.MOST), (("or", "fewer"), Bound.MOST), (("+",), Bound.LEAST),
    (("plus",), Bound.LEAST), (("minimum",), Bound.LEAST), (("maximum",), Bound.MOST), (("or", "above"), Bound.LEAST),
    (("at", "least"), Bound.LEAST), (("at", "most"), Bound.MOST),
)  # fmt: skip


def _bound_before(cursor: Cursor, at: int) -> tuple[Bound, bool, int]:
    """The bound and the "about" in front of the number at `at`, and where they begin."""
    approximate, begin = False, at
    while begin > 0 and (cursor.pieces[begin - 1].text.lower() in _APPROXIMATE or cursor.pieces[begin - 1].text == "a"):
        if cursor.pieces[begin - 1].text == "a" and begin - 1 == at - 1:
            break
        approximate, begin = True, begin - 1
    words = [piece.text.lower() for piece in cursor.pieces[max(0, begin - 3) : begin]]
    for phrase, bound in _BEFORE:
        if tuple(words[-len(phrase) :]) == phrase:
            return bound, approximate, begin - len(phrase)
    return Bound.EXACT, approximate, begin


def _bound_after(cursor: Cursor, bound: Bound) -> Bound:
    if bound is not Bound.EXACT:
        return bound
    for phrase, found in _AFTER:
        if tuple(cursor.peek(i) for i in range(len(phrase))) == phrase:
            return found
    return bound


_NOUN_STOP = word_set(
    "the a an of in on at to for from by with and or but is are was were be been has have had that which who when "
    "where as than per than not more less it its their his her can may must will do does did under over between "
    "into during after before since until each every about around because long tall high wide deep old away ago"
)

_NOUN_WORDS_MAX = 4


def _noun(cursor: Cursor) -> tuple[str, frozenset[str]]:
    """The noun that is counted, and the words around it: "three large royal tombs" counts tombs."""
    words: list[str] = []
    while len(words) < _NOUN_WORDS_MAX:
        word = cursor.peek(len(words))
        if word in _NOUN_STOP or not word.isalpha():
            break
        words.append(word)
        if word.endswith("s") and len(word) > 3 and not word.endswith("ss"):
            break
    plain = [lemma(word) for word in words]
    return (plain[-1] if plain else ""), frozenset(plain)


@dataclass(slots=True)
class _Read:
    value: float
    money: str
    digits: int
    spelled: bool
    share: bool = False
    multiple: bool = False


_DEFINES = word_set("is has equals contains")


def _value(cursor: Cursor) -> _Read | None:
    fraction = read_written_fraction(cursor) or read_fraction(cursor)
    if fraction is not None:
        return _Read(fraction, "", 2, spelled=True, share=True)
    digits = read_digits(cursor)
    if digits is not None:
        return _Read(digits[0], digits[1], digits[2], spelled=False)
    if cursor.peek() in MULTIPLES:
        cursor.at += 1
        return _Read(MULTIPLES[cursor.exact(-1).lower()], "", 15, spelled=True, multiple=True)
    if cursor.peek() == "one" and (cursor.peek(1) == "of" or cursor.peek(1) in {"another", "can", "must"}):
        return None
    if cursor.peek() == "one" and cursor.peek(2) in _DEFINES:
        return None  # "one byte is 8 bits" speaks of a byte
    word = read_number_word(cursor)
    return None if word is None else _Read(word, "", 15, spelled=True)


def _quantity(cursor: Cursor, begin: int) -> Quantity | None:
    """The quantity that begins at piece `begin`, or None; the cursor is left behind it."""
    cursor.at = begin
    code = cursor.peek(-1) if begin else ""  # "USD 5"
    read = _value(cursor)
    if read is None:
        cursor.at = begin + 1
        return None
    value, unit = read.value, ("", "", 1.0)
    found = _temperature(cursor, value)
    if found is not None:
        unit, value = (found[0], found[1], 1.0), found[2]
    elif read.money or unit_table().get(code, ("", 0))[0].startswith("money:"):
        named = unit_table()[(read.money or code).lower()]
        unit = (named[0], (read.money or code.upper()), named[1])
        if read.money and cursor.peek() in {"usd", "gbp", "eur", "dollars", "pounds", "euros"}:
            cursor.at += 1
    elif not read.multiple:
        unit = _unit(cursor, read.spelled) or unit
    dimension = "ratio" if read.share and not unit[0] else "times" if read.multiple else unit[0]
    noun, counted = ("", frozenset[str]()) if dimension else _noun(cursor)
    end = cursor.pieces[cursor.at - 1].end
    bound, approximate, _ = _bound_before(cursor, begin)
    amount = value * unit[2]
    coded = bool(begin) and not read.money and unit[0].startswith("money:") and unit[1] == code.upper()
    return Quantity(
        cursor.pieces[begin - 1 if coded else begin].start, end, amount, amount, dimension, unit[1] or dimension, noun,
        _bound_after(cursor, bound), approximate, read.digits, counted,
    )  # fmt: skip


def find_quantities(text: str, taken: Sequence[tuple[int, int]] = ()) -> list[Quantity]:
    """The quantities in `text` outside the stretches `taken`, in order. Linear in the length of `text`."""
    cursor = Cursor(cut_pieces(text, taken), 0)
    found: list[Quantity] = []
    at = 0
    while at < len(cursor.pieces):
        quantity = _quantity(cursor, at)
        at = max(at + 1, cursor.at)
        if quantity is not None:
            found.append(quantity)
    return _joined(text, found)


_RANGE_LINKS = frozenset(("and", "to", "-", "–", "through"))


def _joined(text: str, found: list[Quantity]) -> list[Quantity]:
    """Ranges ("between 5 and 10") and sums ("8 minutes and 20 seconds") made one."""
    joined: list[Quantity] = []
    for quantity in found:
        before = joined[-1] if joined else None
        link = text[before.end : quantity.start].strip() if before and quantity.start - before.end < 12 else "?"
        if before and _is_range(text, before, quantity, link):
            joined[-1] = replace(
                quantity, start=before.start, value=before.value * _borrowed(before, quantity), bound=Bound.RANGE,
                approximate=before.approximate or quantity.approximate,
            )  # fmt: skip
        elif before and _is_sum(before, quantity, link):
            total = before.value + quantity.value
            joined[-1] = replace(before, end=quantity.end, value=total, high=total, digits=15)
        else:
            joined.append(quantity)
    return joined


def _borrowed(low: Quantity, high: Quantity) -> float:
    """The unit that "5" borrows in "5 to 10 km"."""
    if low.dimension or not high.dimension or high.dimension == "temperature":
        return 1.0
    known = unit_table().get(high.unit)
    return known[1] if known else 1.0


_CHANGE_CHARS = 60
"""How far before "from 5 to 10" the verb of change is looked for."""
_CHANGES = re.compile(
    r"\b(?:r[io]se|risen|gr[eo]w|grown|grew|increas|f[ae]ll|fallen|drop|declin|went|up|down|mov|chang|rais|cut|reduc"
    r"|climb|jump|expand|shrank|shrunk|improv|extend|lower|decreas|shorten)",
    re.I,
)


def _is_range(text: str, low: Quantity, high: Quantity, link: str) -> bool:
    if link not in _RANGE_LINKS or (low.dimension and low.dimension != high.dimension):
        return False
    lead = text[max(0, low.start - 9) : low.start].lower().rstrip()
    if lead.endswith("from") and link == "to" and _CHANGES.search(text[max(0, low.start - _CHANGE_CHARS) : low.start]):
        return False  # "grew from 5 to 10" is 10 now
    if link == "and" and not lead.endswith("between"):
        return False
    return low.value * _borrowed(low, high) < high.value and not low.noun


_SUMMED = frozenset(("time", "length", "mass"))


def _is_sum(first: Quantity, second: Quantity, link: str) -> bool:
    same = first.dimension == second.dimension and first.dimension in _SUMMED
    return same and link in {"", "and", ","} and second.unit != first.unit and second.value < first.value / 2
