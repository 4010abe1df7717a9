"""Quantities in running text: numbers in digits or words, their units, their bounds, and what one says of another.

"about 3 million", "1,083 ft", "at least three days", "between 5 and 10", "50%", "one third", "$5". Units of one
dimension are converted. A quantity without a unit counts a noun ("eight planets"), which is kept so that planets are
not compared with moons. Dates are not its business: their characters come in as `taken`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from inference.judges.alignment.dates import Relation
from inference.judges.alignment.lemma import lemma
from inference.judges.alignment.synonyms import synonym_keys
from inference.judges.alignment.vocabulary import word_list, word_set


class Bound(StrEnum):
    """How a number is meant."""

    EXACT = ""
    LEAST = "at least"
    MORE = "more than"
    MOST = "at most"
    LESS = "less than"
    RANGE = "between"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at `text[start:end]`. `value` is in base units of `dimension`; `high` closes a range."""

    start: int
    end: int
    value: float
    high: float
    dimension: str = ""
    unit: str = ""
    noun: str = ""
    """Plain form of the noun that is counted, when there is no unit."""
    bound: Bound = Bound.EXACT
    approximate: bool = False
    digits: int = 15
    """Significant digits as written, for rounding."""
    counted: frozenset[str] = frozenset()


_UNITS = """
length 0.001 mm millimetre millimetres millimeter millimeters
length 0.01 cm centimetre centimetres centimeter centimeters
length 1 m metre metres meter meters
length 1000 km kilometre kilometres kilometer kilometers
length 0.0254 inch inches in.
length 0.3048 ft foot feet
length 0.9144 yd yard yards
length 1609.344 mi mile miles
length 1852 nmi
length 9.461e15 lightyear lightyears
length 1.496e11 au
mass 1e-6 mg milligram milligrams
mass 1e-9 µg microgram micrograms mcg
mass 0.001 g gram grams gramme grammes
mass 1 kg kilogram kilograms kilo kilos
mass 1000 tonne tonnes ton tons
mass 0.45359237 lb lbs pound pounds
mass 0.0283495 oz ounce ounces
mass 6.35029 stone stones
time 0.001 ms millisecond milliseconds
time 1 s sec secs second seconds
time 60 min mins minute minutes
time 3600 h hr hrs hour hours
time 86400 day days
time 604800 week weeks
time 2629800 month months
time 31557600 yr yrs year years
time 315576000 decade decades
time 3155760000 century centuries
time 31557600000 millennium millennia
volume 0.001 ml millilitre millilitres milliliter milliliters
volume 0.01 cl centilitre centilitres
volume 1 l litre litres liter liters
volume 3.78541 gal gallon gallons
volume 0.473176 pint pints
volume 0.24 cup cups
power 1 w watt watts
power 1000 kw kilowatt kilowatts
power 1e6 mw megawatt megawatts
power 745.7 hp horsepower
energy 1 j joule joules
energy 1000 kj kilojoule kilojoules
energy 4184 kcal kilocalorie kilocalories calorie calories
energy 3.6e6 kwh
data 1 byte bytes
data 1e3 kb kilobyte kilobytes
data 1e6 mb megabyte megabytes
data 1e9 gb gigabyte gigabytes
data 1e12 tb terabyte terabytes
frequency 1 hz hertz
frequency 1e3 khz kilohertz
frequency 1e6 mhz megahertz
frequency 1e9 ghz gigahertz
area 10000 ha hectare hectares
area 4046.86 acre acres
voltage 1 v volt volts
current 1 amp amps ampere amperes
ratio 0.01 % percent percentage
ratio 0.01 pct
times 1 times fold
speed 0.277778 kph kmh km/h
speed 0.44704 mph
speed 1 m/s
speed 1000 km/s
speed 0.514444 knot knots
money:USD 1 usd dollar dollars $ us$
money:USD 0.01 cent cents
money:GBP 1 gbp £ sterling quid
money:EUR 1 eur euro euros €
money:JPY 1 jpy yen ¥
money:INR 1 inr rupee rupees ₹
money:CHF 1 chf
money:CAD 1 cad
money:AUD 1 aud
money:CNY 1 cny yuan rmb
money:SEK 1 sek
"""

_ONES = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, "million": 1e6, "billion": 1e9}
_FRACTIONS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_MULTIPLES = {"twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0, "once": 1.0}
_NUMBERS = {w: float(i) for i, w in enumerate(_ONES)} | {w: 20.0 + 10 * i for i, w in enumerate(_TENS)}

_PIECE = re.compile(
    r"(?P<money>US\$|[$£€¥₹])?\s?(?P<digits>(?<![\w.,])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|(?<![\w.,])[-−]?\d+(?:\.\d+)?(?!\d|(?:st|nd|rd|th)\b))"
    r"|(?P<word>[A-Za-zµ]+(?:/[a-z]+)?|%|°\s?[CFK]?|[€£$])|(?P<other>[^\s\w])"
)
_DIGITS_MAX = 18
"""A longer run of digits is a code, not a quantity."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    end: int
    number: float | None
    money: str


@cache
def _unit_table() -> dict[str, tuple[str, float]]:
    table: dict[str, tuple[str, float]] = {}
    for line in _UNITS.strip().splitlines():
        dimension, factor, *names = line.split()
        for name in names:
            table[name] = (dimension, float(factor))
    return table


_ONLY_AFTER_DIGITS = word_set("m s h l w j v g in. min sec au")
_CASE_MATTERS = {"MW": ("power", 1e6), "mW": ("power", 1e-3), "M": ("", 1.0), "Mt": ("", 1.0)}


def _pieces(text: str, taken: Sequence[tuple[int, int]]) -> list[_Piece]:
    found, barrier = [], iter([*taken, (len(text), len(text))])
    low, high = next(barrier)
    for match in _PIECE.finditer(text):
        place = match.start("digits") if match["digits"] else match.start()
        while place >= high and high < len(text):
            low, high = next(barrier)
        if low <= place < high:
            found.append(_Piece("", place, match.end(), None, ""))  # a date stands here: no unit reaches over
            continue
        number = None
        if match["digits"] and len(match["digits"]) <= _DIGITS_MAX:
            number = float(match["digits"].replace(",", "").replace("−", "-"))
        start = match.start("digits") if match["digits"] and not match["money"] else match.start()
        found.append(_Piece(match.group().strip(), start, match.end(), number, match["money"] or ""))
    return found


@dataclass(slots=True)
class _Cursor:
    """A place in the pieces; reading moves it on."""

    pieces: list[_Piece]
    at: int

    def peek(self, ahead: int = 0) -> str:
        index = self.at + ahead
        return self.pieces[index].text.lower() if 0 <= index < len(self.pieces) else ""

    def exact(self, ahead: int = 0) -> str:
        index = self.at + ahead
        return self.pieces[index].text if 0 <= index < len(self.pieces) else ""

    def close(self) -> bool:
        """Whether the next piece touches the one before it."""
        return 0 < self.at < len(self.pieces) and self.pieces[self.at].start == self.pieces[self.at - 1].end


def _number_word(cursor: _Cursor) -> float | None:
    """Reads "twenty-five", "three hundred", "a million", and leaves the cursor behind it."""
    word = cursor.peek()
    if word in {"a", "an"} and cursor.peek(1) in _SCALES:
        cursor.at += 1
        return _scaled(cursor, 1.0)
    if word in _SCALES and word != "dozen":
        return None
    if word not in _NUMBERS:
        return None
    total = _NUMBERS[word]
    cursor.at += 1
    following = cursor.peek(1) if cursor.peek() == "-" else cursor.peek()
    if word in _TENS and _NUMBERS.get(following, 10.0) < 10 and following != "zero":
        cursor.at += 2 if cursor.peek() == "-" else 1
        total += _NUMBERS[following]
    return _scaled(cursor, total)


def _scaled(cursor: _Cursor, value: float) -> float:
    while cursor.peek() in _SCALES:
        value *= _SCALES[cursor.peek()]
        cursor.at += 1
        more = 1 if cursor.peek() == "and" else 0
        if value >= 100 and cursor.peek(more) in _NUMBERS and value < 1e5:
            cursor.at += more
            value += _number_word(cursor) or 0.0
    return value


def _fraction(cursor: _Cursor) -> float | None:
    """Reads "half", "one third", "two-thirds", "a quarter", "1/3"."""
    word = cursor.peek()
    if word == "half" and cursor.peek(1) not in {"life", "-", "brother", "sister"}:
        cursor.at += 1
        return 0.5
    tops = {"a": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "seven": 7.0, "nine": 9.0}
    dash = 1 if cursor.peek(1) == "-" else 0
    below = cursor.peek(1 + dash)
    plain = below.removesuffix("s") if below != "half" else below
    if word not in tops or plain not in _FRACTIONS or (word == "a" and plain == "third"):
        return None
    cursor.at += 2 + dash
    return tops[word] / _FRACTIONS[plain]


def _written_fraction(cursor: _Cursor) -> float | None:
    pieces, at = cursor.pieces, cursor.at
    if at + 2 >= len(pieces) or pieces[at + 1].text != "/":
        return None
    top, below = pieces[at].number, pieces[at + 2].number
    if top is None or below is None or not 0 < top < below <= 100:
        return None
    cursor.at += 3
    return top / below


_SCALE_MONEY_ONLY = word_set("k m b")


def _digits(cursor: _Cursor) -> tuple[float, str, int] | None:
    piece = cursor.pieces[cursor.at]
    if piece.number is None:
        return None
    value, written = piece.number, piece.text.lstrip("US$£€¥₹-− ").replace(",", "")
    cursor.at += 1
    significant = written.replace(".", "").lstrip("0")
    if "." not in written:
        significant = significant.rstrip("0")
    scale = cursor.peek()
    if scale in _SCALES:
        value = _scaled(cursor, value)
    elif scale in _SHORT_SCALES and (scale not in _SCALE_MONEY_ONLY or _short_scale(cursor, piece)):
        value *= _SHORT_SCALES[scale]
        cursor.at += 1
    return value, piece.money, max(1, len(significant))


def _short_scale(cursor: _Cursor, piece: _Piece) -> bool:
    """Whether "m" or "k" behind a number is a million or a thousand: in "$5m" and "20k", not in "5m"."""
    return cursor.close() and (bool(piece.money) or cursor.exact() == "k")


def _temperature(cursor: _Cursor, value: float) -> tuple[str, str, float] | None:
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


def _plain_unit(cursor: _Cursor, spelled: bool) -> tuple[str, str, float] | None:
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
    if (word in _ONLY_AFTER_DIGITS and spelled) or exact in {"A", "As"}:
        return None
    known = _CASE_MATTERS.get(exact) or _unit_table().get(word)
    if known is None or not known[0]:
        return None
    cursor.at += hyphen + 1
    return known[0], word, known[1]


def _powered(cursor: _Cursor, power: int, hyphen: int) -> tuple[str, str, float] | None:
    word = cursor.peek(hyphen + 1)
    known = _unit_table().get(word)
    if known is None or known[0] != "length":
        return None
    cursor.at += hyphen + 2
    if power == 2:
        return "area", f"square {word}", known[1] ** 2
    return "volume", f"cubic {word}", known[1] ** 3 * 1000


def _unit(cursor: _Cursor, spelled: bool) -> tuple[str, str, float] | None:
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


def _bound_before(cursor: _Cursor, at: int) -> tuple[Bound, bool, int]:
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


def _bound_after(cursor: _Cursor, bound: Bound) -> Bound:
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


def _noun(cursor: _Cursor) -> tuple[str, frozenset[str]]:
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


def _value(cursor: _Cursor) -> _Read | None:
    fraction = _written_fraction(cursor) or _fraction(cursor)
    if fraction is not None:
        return _Read(fraction, "", 2, spelled=True, share=True)
    digits = _digits(cursor)
    if digits is not None:
        return _Read(digits[0], digits[1], digits[2], spelled=False)
    if cursor.peek() in _MULTIPLES:
        cursor.at += 1
        return _Read(_MULTIPLES[cursor.exact(-1).lower()], "", 15, spelled=True, multiple=True)
    if cursor.peek() == "one" and (cursor.peek(1) == "of" or cursor.peek(1) in {"another", "can", "must"}):
        return None
    word = _number_word(cursor)
    return None if word is None else _Read(word, "", 15, spelled=True)


def _quantity(cursor: _Cursor, begin: int) -> Quantity | None:
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
    elif read.money or _unit_table().get(code, ("", 0))[0].startswith("money:"):
        named = _unit_table()[(read.money or code).lower()]
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
    cursor = _Cursor(_pieces(text, taken), 0)
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
    known = _unit_table().get(high.unit)
    return known[1] if known else 1.0


def _is_range(text: str, low: Quantity, high: Quantity, link: str) -> bool:
    if link not in _RANGE_LINKS or (low.dimension and low.dimension != high.dimension):
        return False
    lead = text[max(0, low.start - 9) : low.start].lower().rstrip()
    if link == "and" and not lead.endswith("between"):
        return False
    return low.value * _borrowed(low, high) < high.value and not low.noun


_SUMMED = frozenset(("time", "length", "mass"))


def _is_sum(first: Quantity, second: Quantity, link: str) -> bool:
    same = first.dimension == second.dimension and first.dimension in _SUMMED
    return same and link in {"", "and", ","} and second.unit != first.unit and second.value < first.value / 2


_EXACT, _MEASURED, _CONVERTED, _ABOUT = 1e-9, 0.005, 0.02, 0.06
"""How far two numbers may differ, as a share: money and counts not at all, a measurement a little, a converted one more
and what is called "about" most."""
_MEASURES = word_set("length mass volume area speed temperature power energy frequency")
_ROUNDED = 0.05
"""A claim that rounds ("3 million") may differ by this share."""


def comparable(claim: Quantity, evidence: Quantity) -> bool:
    """Whether the two measure or count the same sort of thing."""
    one, other = claim.dimension, evidence.dimension
    if one.startswith("money:") and other.startswith("money:"):
        return True
    if {one, other} == {"money:GBP", "mass"}:  # "pounds"
        return "pound" in claim.unit or "pound" in evidence.unit
    if one or other:
        return one == other or ({one, other} == {"degrees", "temperature"})
    if not claim.noun or not evidence.noun:
        return True
    return "person" in {claim.noun, evidence.noun} or bool(_count_keys(claim) & _count_keys(evidence))


def _count_keys(quantity: Quantity) -> frozenset[str]:
    return frozenset({quantity.noun}) | synonym_keys(quantity.noun)


def _face_value(quantity: Quantity) -> float:
    """Pounds of weight as the number that was written, to compare with pounds of money."""
    return quantity.value / 0.45359237 if quantity.dimension == "mass" else quantity.value


def compare_quantities(claim: Quantity, evidence: Quantity) -> Relation:
    """What the evidence's number says of the claim's; both must be `comparable`."""
    one, other = claim.dimension, evidence.dimension
    if {one, other} == {"money:GBP", "mass"}:
        alike = math.isclose(_face_value(claim), _face_value(evidence), rel_tol=1e-6)
        return Relation.SAME if alike else Relation.CONFLICT
    if one != other and one.startswith("money:"):
        return Relation.CONFLICT
    slack = _tolerance(claim, evidence)
    return _related(_interval(claim), _interval(evidence), slack, claim, evidence)


def _tolerance(claim: Quantity, evidence: Quantity) -> float:
    if claim.approximate or evidence.approximate:
        return _ABOUT
    if claim.dimension in _MEASURES:
        return _MEASURED if claim.unit.rstrip("s") == evidence.unit.rstrip("s") else _CONVERTED
    if claim.dimension == "ratio" and claim.unit != evidence.unit:
        return _CONVERTED
    if claim.dimension == "time" and claim.unit.rstrip("s") != evidence.unit.rstrip("s"):
        return _CONVERTED
    return _EXACT


def _interval(quantity: Quantity) -> tuple[float, float]:
    if quantity.bound in {Bound.LEAST, Bound.MORE}:
        return quantity.value, math.inf
    if quantity.bound in {Bound.MOST, Bound.LESS}:
        return -math.inf, quantity.value
    return quantity.value, quantity.high


def _rounds_to(claim: Quantity, evidence: Quantity) -> bool:
    """Whether one is the other, rounded to the digits that were written."""
    for coarse, fine in ((claim, evidence), (evidence, claim)):
        if coarse.value == 0 or coarse.digits >= fine.digits or abs(coarse.value) < 1000:
            continue
        places = coarse.digits - 1 - math.floor(math.log10(abs(fine.value) or 1.0))
        close = abs(coarse.value - fine.value) <= _ROUNDED * abs(fine.value)
        if close and math.isclose(round(fine.value, places), coarse.value, rel_tol=1e-9):
            return not coarse.dimension.startswith("money:")
    return False


def _near(one: float, other: float, slack: float) -> bool:
    if math.isinf(one) or math.isinf(other):
        return one == other
    return abs(one - other) <= slack * max(abs(one), abs(other)) + 1e-9


def _related(
    claim: tuple[float, float], evidence: tuple[float, float], slack: float, mine: Quantity, theirs: Quantity
) -> Relation:
    if _near(claim[0], evidence[0], slack) and _near(claim[1], evidence[1], slack):
        strict = {mine.bound, theirs.bound}
        return Relation.UNKNOWN if strict == {Bound.MORE, Bound.MOST} else Relation.SAME
    if mine.bound is Bound.EXACT and theirs.bound is Bound.EXACT:
        return Relation.SAME if _rounds_to(mine, theirs) else Relation.CONFLICT
    if _outside(claim, evidence, mine, theirs):
        return Relation.CONFLICT
    if mine.bound is Bound.EXACT and (_near(claim[0], evidence[0], slack) or _near(claim[0], evidence[1], slack)):
        return Relation.SAME  # "three days" for "at least three days"
    if claim[0] <= evidence[0] and evidence[1] <= claim[1]:
        return Relation.SAME
    return Relation.UNKNOWN


def _outside(claim: tuple[float, float], evidence: tuple[float, float], mine: Quantity, theirs: Quantity) -> bool:
    if claim[1] < evidence[0] or evidence[1] < claim[0]:
        return True
    strict = mine.bound in {Bound.MORE, Bound.LESS} and theirs.bound is Bound.EXACT
    return strict and mine.value == theirs.value
