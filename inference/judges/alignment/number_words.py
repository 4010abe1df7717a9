"""Numbers as they are written: digits, words, fractions and multiples, read piece by piece.

A cursor stands in the pieces of a text; each reader moves it on if it finds its kind of number, or leaves it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.alignment.vocabulary import word_list, word_set

_ONES = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)

_TENS = word_list("twenty thirty forty fifty sixty seventy eighty ninety")

_SCALES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}

_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, "million": 1e6, "billion": 1e9}

_FRACTIONS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}

MULTIPLES = {"twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0, "once": 1.0}

_NUMBERS = {w: float(i) for i, w in enumerate(_ONES)} | {w: 20.0 + 10 * i for i, w in enumerate(_TENS)}

_PIECE = re.compile(
    r"(?P<money>US\$|[$£€¥₹])?\s?(?P<digits>(?<![\w.,])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|(?<![\w.,])[-−]?\d+(?:\.\d+)?(?!\d|(?:st|nd|rd|th)\b))"
    r"|(?P<word>[A-Za-zµ]+(?:/[a-z]+)?|%|°\s?[CFK]?|[€£$])|(?P<other>[^\s\w])"
)

_DIGITS_MAX = 18
"""A longer run of digits is a code, not a quantity."""


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    start: int
    end: int
    number: float | None
    money: str


def cut_pieces(text: str, taken: Sequence[tuple[int, int]]) -> list[Piece]:
    found, barrier = [], iter([*taken, (len(text), len(text))])
    low, high = next(barrier)
    for match in _PIECE.finditer(text):
        place = match.start("digits") if match["digits"] else match.start()
        while place >= high and high < len(text):
            low, high = next(barrier)
        if low <= place < high:
            found.append(Piece("", place, match.end(), None, ""))  # a date stands here: no unit reaches over
            continue
        number = None
        if match["digits"] and len(match["digits"]) <= _DIGITS_MAX:
            number = float(match["digits"].replace(",", "").replace("−", "-"))
        start = match.start("digits") if match["digits"] and not match["money"] else match.start()
        found.append(Piece(match.group().strip(), start, match.end(), number, match["money"] or ""))
    return found


@dataclass(slots=True)
class Cursor:
    """A place in the pieces; reading moves it on."""

    pieces: list[Piece]
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


def read_number_word(cursor: Cursor) -> float | None:
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


def _scaled(cursor: Cursor, value: float) -> float:
    while cursor.peek() in _SCALES:
        value *= _SCALES[cursor.peek()]
        cursor.at += 1
        more = 1 if cursor.peek() == "and" else 0
        if value >= 100 and cursor.peek(more) in _NUMBERS and value < 1e5:
            cursor.at += more
            value += read_number_word(cursor) or 0.0
    return value


def read_fraction(cursor: Cursor) -> float | None:
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


def read_written_fraction(cursor: Cursor) -> float | None:
    pieces, at = cursor.pieces, cursor.at
    if at + 2 >= len(pieces) or pieces[at + 1].text != "/":
        return None
    top, below = pieces[at].number, pieces[at + 2].number
    if top is None or below is None or not 0 < top < below <= 100:
        return None
    cursor.at += 3
    return top / below


_SCALE_MONEY_ONLY = word_set("k m b")


def read_digits(cursor: Cursor) -> tuple[float, str, int] | None:
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


def _short_scale(cursor: Cursor, piece: Piece) -> bool:
    """Whether "m" or "k" behind a number is a million or a thousand: in "$5m" and "20k", not in "5m"."""
    return cursor.close() and (bool(piece.money) or cursor.exact() == "k")
