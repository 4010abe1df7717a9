"""Dates in running text and in records, and whether one date says what another says.

Reads days ("22 May 2025", "May 22, 2025", "the 22nd of May", "2025-05-22", "22/05/2025", "22May25"), months, years with
BC and AD, decades and centuries. A date written as 03/04/2025 may be either; both are kept. It does not know holidays,
eras other than BC and AD, or times of day.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum

from inference.judges.alignment.vocabulary import word_list, word_set

_MONTHS = word_list("january february march april may june july august september october november december")
_MONTH = (
    r"(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ERA = r"(?:\s?(?P<era>bce?|b\.c\.e?\.?|ad|a\.d\.|ce)(?![a-z]))"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s{1,3})?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|'\d{2}|’\d{2})(?!\d)"


class Relation(Enum):
    """What a date or a quantity in the evidence says of one in the claim."""

    SAME = "same"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it is given: None for what is left open. Years before Christ are negative."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    until_year: int | None = None
    """The last year of a decade, a century or a range; `year` is then the first."""
    bound: str = ""
    """ "before", "after" or "": what the claim says around the date."""
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Dated:
    """A date at `text[start:end]`; more than one reading where the writing is ambiguous."""

    start: int
    end: int
    readings: tuple[When, ...]


def _month_number(name: str) -> int:
    short = name.lower()[:3]
    return next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(short))


_CENTURY_PIVOT = 50
"""Two-digit years below this are 20xx: invoices and contracts of today."""


def _year(digits: str | None, era: str | None = None) -> int | None:
    if not digits:
        return None
    bare = digits.lstrip("'’")
    number = int(bare)
    if era and era.lower().startswith("b"):
        return -number
    if len(bare) == 2 and not era:
        return number + (2000 if number < _CENTURY_PIVOT else 1900)
    return number


def _valid(when: When) -> bool:
    return (when.month is None or 1 <= when.month <= 12) and (when.day is None or 1 <= when.day <= 31)


_ISO = re.compile(r"(?<![\w-])(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:T[\d:.]{2,15}Z?)?(?![\w])")
_SLASHED = re.compile(r"(?<![\w/.-])(?P<one>\d{1,2})(?P<sep>[/.-])(?P<two>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})(?!\w)")
_DAY_MONTH = re.compile(
    rf"{_WEEKDAY}(?<![\w.,])(?:the\s)?{_DAY}(?:\s(?:day\s)?of\s|[\s-]{{1,2}}){_MONTH}\b\.?"
    rf"(?:(?:,?\s|-|\sof\s)(?P<year>\d{{1,4}}(?=\s?(?:bce?|ad|ce)\b)|\d{{4}}|'\d{{2}}|(?<=-)\d{{2}})(?![\d\w]){_ERA}?)?",
    re.I,
)
_COMPACT = re.compile(rf"(?<!\w)(?P<day>\d{{1,2}}){_MONTH}(?P<year>\d{{4}}|\d{{2}})(?!\w)", re.I)
_MONTH_DAY = re.compile(
    rf"{_WEEKDAY}\b{_MONTH}\.?[\s-]{{1,2}}(?:the\s)?{_DAY}(?![\d\w:.,]*\d)(?:(?:,?\s|,){_YEAR}{_ERA}?)?", re.I
)
_MONTH_YEAR = re.compile(rf"\b{_MONTH}\.?(?:\s|-|,\s|\sof\s)(?:{_YEAR})", re.I)
_MONTH_ALONE = re.compile(
    r"(?<=\b(?:in|of|by)\s)(?P<mon>January|February|March|April|May|June|July|August|September|October|November|"
    r"December)\b|\b(?P<mon2>January|February|April|June|July|August|September|October|November|December)\b"
)
_DECADE = re.compile(r"(?<!\w)(?P<year>\d{3}0)['’]?s\b(?:\s?(?P<era>bce?)\b)?", re.I)
_ORDINALS = word_list(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_CENTURY = re.compile(
    rf"\b(?P<number>\d{{1,2}})(?:st|nd|rd|th)[\s-]centur(?:y|ies){_ERA}?"
    rf"|\b(?P<word>{'|'.join(_ORDINALS)}|twenty-first)[\s-]century(?:\s?(?P<era2>bce?)\b)?",
    re.I,
)
_ERA_YEAR = re.compile(r"(?<![\w,.])(?P<year>\d{1,5})\s?(?P<era>bce?|ce|ad|b\.c\.e?\.?|a\.d\.)(?!\w)", re.I)
_AD_YEAR = re.compile(r"\b(?:AD|A\.D\.|CE)\s(?P<year>\d{1,4})(?!\w)")
_BC_RANGE = re.compile(
    r"(?<![\w,.])(?P<one>\d{1,5})(?P<link>\s?(?:-|–|to|and|or|until)\s?)(?P<two>\d{1,5})\s?(?:bce?|b\.c\.e?\.?)(?!\w)",
    re.I,
)
_YEAR_RANGE = re.compile(r"(?<![\w,.£$€-])(?P<one>[12]\d{3})\s?[-–/]\s?(?P<two>\d{4}|\d{2})(?![\w,-]|\.\d)")
_PLAIN_YEAR = re.compile(r"(?<![\w,.£$€:/-])(?P<year>1\d{3}|20\d{2})(?![\w:/%°-]|,\d|\.\d)")


def _from_names(match: re.Match[str]) -> tuple[When, ...]:
    groups = match.groupdict()
    day = int(groups["day"]) if groups.get("day") else None
    return (When(_year(groups.get("year"), groups.get("era")), _month_number(groups["mon"]), day),)


def _from_iso(match: re.Match[str]) -> tuple[When, ...]:
    return (When(int(match["year"]), int(match["month"]), int(match["day"])),)


def _from_slashes(match: re.Match[str]) -> tuple[When, ...]:
    one, two, year = int(match["one"]), int(match["two"]), _year(match["year"])
    return (When(year, two, one), When(year, one, two)) if one != two else (When(year, one, two),)


def _from_month(match: re.Match[str]) -> tuple[When, ...]:
    return (When(None, _month_number(match["mon"] or match["mon2"])),)


def _from_decade(match: re.Match[str]) -> tuple[When, ...]:
    year = int(match["year"])
    if match["era"]:
        return (When(-year - 9, until_year=-year),)
    return (When(year, until_year=year + (99 if year % 100 == 0 and year % 1000 == 0 else 9)),)


def _from_century(match: re.Match[str]) -> tuple[When, ...]:
    word = (match["word"] or "").lower()
    number = int(match["number"]) if match["number"] else 21 if word == "twenty-first" else _ORDINALS.index(word) + 1
    era = match["era"] or match["era2"] or ""
    if era.lower().startswith("b"):
        return (When(-number * 100, until_year=-(number - 1) * 100 - 1),)
    return (When((number - 1) * 100, until_year=number * 100),)


def _from_era_year(match: re.Match[str]) -> tuple[When, ...]:
    return (When(_year(match["year"], match.groupdict().get("era") or "ad")),)


def _from_plain_year(match: re.Match[str]) -> tuple[When, ...]:
    return (When(int(match["year"])),)


_DAY_READERS = (
    (_ISO, _from_iso),
    (_SLASHED, _from_slashes),
    (_DAY_MONTH, _from_names),
    (_COMPACT, _from_names),
    (_MONTH_DAY, _from_names),
    (_MONTH_YEAR, _from_names),
)
_LONG_READERS = (
    (_DECADE, _from_decade),
    (_CENTURY, _from_century),
    (_AD_YEAR, _from_era_year),
    (_ERA_YEAR, _from_era_year),
)

_YEAR_CUES = word_set(
    "in since by from until till to before after during of circa c about around between and year years early late "
    "mid or summer spring autumn fall winter dated copyright established founded born died est christmas through "
    "around is was elections election"
)
_LAST_WORD = re.compile(r"([^\W\d_]+)[\s.(]*$")
_NEXT_WORD = re.compile(r"\s([a-z]+)")
_LOOK_CHARS = 24
_COUNTED_NOT_YEARS = word_set("people years days metres meters feet miles kilometres kilometers dollars pounds")


def _is_year(text: str, match: re.Match[str]) -> bool:
    """A bare 1889 is a year unless it counts what follows it ("1889 people", "1500 metres")."""
    following = _NEXT_WORD.match(text, match.end())
    if following is None:
        return True
    word = following[1]
    if word in _COUNTED_NOT_YEARS:
        return False
    before = _LAST_WORD.search(text[max(0, match.start() - _LOOK_CHARS) : match.start()])
    cued = before is not None and before[1].lower() in _YEAR_CUES
    counts = word.endswith("s") and word not in {"is", "was", "has", "as", "his", "its"}
    return cued and not (counts and before is not None and before[1].lower() in {"of", "about", "around", "is", "was"})


def _bc_range(match: re.Match[str]) -> list[Dated]:
    return [
        Dated(match.start("one"), match.end("one"), (When(-int(match["one"])),)),
        Dated(match.start("two"), match.end(), (When(-int(match["two"])),)),
    ]


def _year_range(match: re.Match[str]) -> list[Dated]:
    one, two = int(match["one"]), match["two"]
    last = int(two) if len(two) == 4 else one - one % 100 + int(two)
    if last <= one:
        return []
    return [
        Dated(match.start("one"), match.end("one"), (When(one),)),
        Dated(match.start("two"), match.end(), (When(last),)),
    ]


class _Ground:
    """Which characters are taken, so that a day is not read again as a year."""

    def __init__(self, length: int) -> None:
        self.found: list[Dated] = []
        self._taken = bytearray(length)

    def add(self, dated: Iterable[Dated]) -> None:
        new = list(dated)
        if any(any(self._taken[d.start : d.end]) for d in new):
            return
        for d in new:
            self._taken[d.start : d.end] = b"\x01" * (d.end - d.start)
        self.found.extend(new)

    def add_all(self, text: str, pattern: re.Pattern[str], read: Callable[[re.Match[str]], tuple[When, ...]]) -> None:
        for match in pattern.finditer(text):
            readings = tuple(when for when in read(match) if _valid(when))
            if readings:
                self.add([Dated(match.start(), match.end(), readings)])


_APPROXIMATE = re.compile(r"(?:about|around|circa|ca?\.|approximately|roughly|some time)\s*(?:ad\s)?$", re.I)
_BOUND = re.compile(r"\b(before|after|prior to|earlier than|later than|no later than)\s+(?:the\s+)?(?:year\s+)?$", re.I)


def _in_context(text: str, dated: Dated) -> Dated:
    before = text[max(0, dated.start - _LOOK_CHARS) : dated.start]
    bound = _BOUND.search(before)
    said = bound[1].lower() if bound else ""
    word = (
        "before"
        if said in {"before", "prior to", "earlier than"}
        else "after"
        if said in {"after", "later than"}
        else ""
    )
    approximate = bool(_APPROXIMATE.search(before))
    if not word and not approximate:
        return dated
    readings = tuple(replace(reading, bound=word, approximate=approximate) for reading in dated.readings)
    return replace(dated, readings=readings)


def find_dates(text: str) -> list[Dated]:
    """The dates in `text`, in order, none overlapping another. Linear in the length of `text`."""
    if not any(c.isdigit() for c in text) and "century" not in text and not any(m.title() in text for m in _MONTHS):
        return []
    ground = _Ground(len(text))
    for pattern, read in _DAY_READERS:
        ground.add_all(text, pattern, read)
    for match in _BC_RANGE.finditer(text):
        ground.add(_bc_range(match))
    for match in _YEAR_RANGE.finditer(text):
        ground.add(_year_range(match))
    for pattern, read in _LONG_READERS:
        ground.add_all(text, pattern, read)
    for match in _PLAIN_YEAR.finditer(text):
        if _is_year(text, match):
            ground.add([Dated(match.start(), match.end(), _from_plain_year(match))])
    ground.add_all(text, _MONTH_ALONE, _from_month)
    return sorted((_in_context(text, dated) for dated in ground.found), key=lambda dated: dated.start)


def compare_dates(claim: Dated, evidence: Dated) -> Relation:
    """Whether the evidence says the claim's date: a coarser claim is the same, a finer one is unknown."""
    relations = {_compare(c, e) for c in claim.readings for e in evidence.readings}
    for relation in (Relation.SAME, Relation.UNKNOWN):
        if relation in relations:
            return relation
    return Relation.CONFLICT


_YEARS_ROUND = 5
"""How far "about 1750" may lie from the year meant."""
_AGE_SHARE = 0.02
"""The same for far dates, as a share of their distance from the year 2000."""


def _slack(claim: When, evidence: When) -> int:
    if not (claim.approximate or evidence.approximate) or claim.year is None:
        return 0
    return max(_YEARS_ROUND, round(abs(2000 - claim.year) * _AGE_SHARE))


def _compare(claim: When, evidence: When) -> Relation:
    if claim.bound:
        return _compare_bound(claim, evidence)
    if evidence.bound:
        return _compare_to_bounded(claim, evidence)
    if claim.year is not None and evidence.year is not None and (claim.until_year or evidence.until_year):
        return _compare_ranges(claim, evidence)
    finer = False
    for mine, theirs, slack in (
        (claim.year, evidence.year, _slack(claim, evidence)),
        (claim.month, evidence.month, 0),
        (claim.day, evidence.day, 0),
    ):
        if mine is None:
            continue
        if theirs is None:
            finer = True
        elif abs(mine - theirs) > slack:
            return Relation.CONFLICT
    return Relation.UNKNOWN if finer else Relation.SAME


def _last(when: When) -> int:
    return when.until_year if when.until_year is not None else when.year or 0


def _compare_ranges(claim: When, evidence: When) -> Relation:
    first, last = claim.year or 0, _last(claim)
    start, end = evidence.year or 0, _last(evidence)
    slack = _slack(claim, evidence)
    if first - slack <= start and end <= last + slack:
        return Relation.SAME
    return Relation.CONFLICT if end < first - slack or last + slack < start else Relation.UNKNOWN


def _ordinal(when: When, late: bool) -> int:
    """A day's place in time; what is left open is taken late or early."""
    year = _last(when) if late else when.year or 0
    return (year * 12 + (when.month or (12 if late else 1))) * 31 + (when.day or (31 if late else 1))


def _compare_bound(claim: When, evidence: When) -> Relation:
    if claim.year is None or evidence.year is None:
        return Relation.UNKNOWN
    if evidence.bound:
        same = evidence.bound == claim.bound and evidence.year == claim.year
        return Relation.SAME if same else Relation.UNKNOWN
    if claim.bound == "before":
        if _ordinal(evidence, late=True) < _ordinal(claim, late=False):
            return Relation.SAME
        return Relation.CONFLICT if _ordinal(evidence, late=False) >= _ordinal(claim, late=False) else Relation.UNKNOWN
    if _ordinal(evidence, late=False) > _ordinal(claim, late=True):
        return Relation.SAME
    return Relation.CONFLICT if _ordinal(evidence, late=True) <= _ordinal(claim, late=True) else Relation.UNKNOWN


def _compare_to_bounded(claim: When, evidence: When) -> Relation:
    if claim.year is None or evidence.year is None:
        return Relation.UNKNOWN
    if evidence.bound == "before":
        outside = _ordinal(claim, late=False) >= _ordinal(evidence, late=True)
    else:
        outside = _ordinal(claim, late=True) <= _ordinal(evidence, late=False)
    return Relation.CONFLICT if outside else Relation.UNKNOWN


def show_date(when: When) -> str:
    """The date for a reader: "22 May 2025", "May 2025", "30 BC"."""
    if when.until_year is not None and when.year is not None:
        return f"{_show_year(when.year)} to {_show_year(when.until_year)}"
    parts = (
        str(when.day) if when.day else "",
        _MONTHS[when.month - 1].title() if when.month else "",
        _show_year(when.year) if when.year is not None else "",
    )
    return " ".join(part for part in parts if part)


def _show_year(year: int) -> str:
    return f"{-year} BC" if year < 0 else str(year)
