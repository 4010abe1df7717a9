"""Edits of numbers, dates and units. A value that is only a bound ("over 100", "by 2010") is left alone."""

import random
import re

from inference.evidence.search_terms import STOP_WORDS
from inference.judges.alignment.vocabulary import word_list
from training.edits.edit import Edited, asserts, go_together, put, put_word, says
from training.pairs import REFUTED, SUPPORTED, UNSUPPORTED

_NUMBER = re.compile(r"(?<![\w.,:/–-])\d+(?:,\d{3})*(?:\.\d+)?(?!st\b|nd\b|rd\b|th\b|s\b)(?![\w,.:/–-]*\d)")
_BOUND = re.compile(
    r"\b(?:over|under|than|least|most|about|around|nearly|almost|approximately|roughly|circa|some|up to|below|above"
    r"|between|before|after|since|until|within|older|younger|exceed\w*|maximum|minimum|past|beyond|every)"
    r"\W+(?:\w+\W+){0,2}\Z",
    re.I,
)
_BOUND_AFTER = re.compile(
    r"\s*(?:\+|plus\b|out of\b|or (?:more|less|fewer|so|older|younger|later|earlier|over|under|above|below))"
)
_BY = re.compile(r"\b(?:by|as of)\s(?:\w+\s)?\Z", re.I)
_WORDS = word_list("two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty")
_DIGITS_OF = dict(zip(_WORDS, word_list("2 3 4 5 6 7 8 9 10 11 12 15 20 30 40 50"), strict=True))
_WORD_NUMBER = re.compile(rf"(?<![\w-])(?:{'|'.join(_WORDS)})\b(?!-(?:one|{'|'.join(_WORDS)}))", re.I)
_SMALL = _WORDS[:8]
_MONTHS = word_list("January February March April May June July August September October November December")
_DAYS = word_list("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_MONTH_OR_DAY = re.compile(rf"\b(?:{'|'.join(_MONTHS + _DAYS)})\b")
_BY_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b", re.I)
_NAME_AROUND = re.compile(r"\A\s[A-Z]")
_UNITS = [
    word_list("thousand million billion trillion"),
    word_list("seconds minutes hours days weeks months years decades centuries"),
    word_list("second minute hour day week month year decade century"),
    word_list("kilometers kilometres miles meters metres feet inches yards"),
    word_list("km mi m cm mm ft"),
    word_list("kilograms grams tonnes ounces"),
    word_list("kg lb g mg"),
    word_list("dollars euros yen"),
]
_SAME_UNIT = [{"kilometers", "kilometres"}, {"meters", "metres"}]
_UNITS_AWAY_MAX = 2  # in these lists, which are ordered: a century for a second is no mistake that anybody makes
_UNIT_OF = {unit: group for group in _UNITS for unit in group}
_COUNT = rf"(?<![$£€\d])(?:\b\d[\d,.]*|\b(?:hundred|{'|'.join(_WORDS)}))[\s-]?"
_MEASURE = re.compile(rf"({_COUNT})({'|'.join(_UNIT_OF)})\b(?!’|')", re.I)
_SCALE = re.compile(rf"\b(\d[\d,.]*\s?|(?:{'|'.join(_WORDS)}|hundred)\s)({'|'.join(_UNITS[0])})\b", re.I)
_ORDINALS = word_list("first second third fourth fifth")
_ORDINAL = re.compile(
    rf"(?<=\b[Tt]he )({'|'.join(_ORDINALS)})"
    rf"(?= (?!half|lady|name|place|hand|quarter|party|parties|{'|'.join(_WORDS)})[a-z])"
)
_OFTEN = re.compile(r"\b(once|twice)(?= (?:an?|per|every|each) (?:hour|day|week|month|season|year|decade|century)\b)")
_CURRENCY = re.compile(r"(?<![A-Za-z])[$£€](?=\d)")


def _is_bound(claim: str, match: re.Match[str]) -> bool:
    before, after = claim[: match.start()], claim[match.end() :]
    return bool(_BOUND.search(before) or _BOUND_AFTER.match(after) or (_BY.search(before) and _is_year(match.group())))


def _is_year(number: str) -> bool:
    return number.isdigit() and len(number) == 4 and 1200 <= int(number) <= 2100


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _of_name(claim: str, match: re.Match[str]) -> bool:
    """Whether a number most likely belongs to a name: "Apollo 11", "World War 2"."""
    before = claim[: match.start()].split()
    if not before or not before[-1][:1].isupper() or _BY_MONTH.match(before[-1]):
        return False
    return len(before) > 1 or before[-1].lower() not in STOP_WORDS


def other_number(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A number of the claim that stands in the evidence becomes another: one of the evidence's, or one near it."""
    theirs = list(dict.fromkeys(_NUMBER.findall(evidence)))
    found = [m for m in _NUMBER.finditer(claim) if m.group() in theirs and not _is_bound(claim, m)]
    if not found or not asserts(claim):
        return None
    match = rng.choice(found)
    old = match.group()
    values = {_value(number) for number in theirs}
    others = [
        n
        for n in theirs
        if _value(n) != _value(old)
        and not says(claim, n)
        and abs(len(n) - len(old)) <= 1
        and _is_year(n) == _is_year(old)
        and not go_together(evidence, old, n)
    ]
    of_date = _value(old) <= 31 and (_beside_month(claim, match))
    if of_date:
        new = str(rng.choice([day for day in range(1, 29) if day not in values] or [0]))
    elif others and rng.random() < 0.45:
        new = rng.choice(others)
    else:
        new = _near(rng, old, share=bool(re.match(r"\s?(?:%|per ?cent)", claim[match.end() :])))
        if _value(new) in values:
            return None
    label = UNSUPPORTED if _of_name(claim, match) else REFUTED
    return None if _value(new) in (_value(old), 0) else Edited(put(claim, match, new), label, "number")


def _beside_month(claim: str, match: re.Match[str]) -> bool:
    before, after = claim[: match.start()].split(), claim[match.end() :].split()
    return any(_BY_MONTH.fullmatch(word.strip(",.")) for word in before[-1:] + after[:1])


def _near(rng: random.Random, old: str, share: bool) -> str:
    value = _value(old)
    whole = "." not in old
    if _is_year(old):
        return str(int(value) + rng.choice([-1, 1]) * rng.choice([1, 2, 3, 5, 10, 12, 20, 30, 100]))
    changed = rng.choice(
        [value + rng.choice([1, 2, 3]), value * rng.choice([2, 3, 10]), value * rng.choice([0.5, 0.8, 1.2, 1.5])]
    )
    if (value >= 3 and rng.random() < 0.3) or (share and value <= 100 < changed):
        changed = value - rng.choice([1, 2]) if value >= 3 else value / 2
    digits = 0 if whole else len(old.partition(".")[2])
    return f"{changed:,.{digits}f}" if "," in old else f"{changed:.{digits}f}"


def _word_numbers(claim: str) -> list[re.Match[str]]:
    """Numbers in words, but those in names: "the Big Ten", "Fantastic Four"."""
    return [m for m in _WORD_NUMBER.finditer(claim) if m.group()[0].islower() or not m.start()]


def other_number_word(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "three" becomes "five"."""
    lower = evidence.lower()
    found = [
        m
        for m in _word_numbers(claim)
        if not _is_bound(claim, m) and any(says(lower, n) for n in (m.group().lower(), _DIGITS_OF[m.group().lower()]))
    ]
    if not found or not asserts(claim):
        return None
    match = rng.choice(found)
    old = match.group().lower()
    if re.match(r"[\s-](?:hundred|thousand|million|billion)", claim[match.end() :]) and old not in _SMALL:
        return None
    among = _SMALL if old in _SMALL else _WORDS
    new = rng.choice([w for w in among if w != old and not says(lower, w) and not says(lower, _DIGITS_OF[w])] or [old])
    return None if new == old else Edited(put_word(claim, match, new), REFUTED, "number")


def other_date(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A month or day of the week becomes another. "May" and "March" are other words too often: they stay."""
    found = [
        m
        for m in _MONTH_OR_DAY.finditer(claim)
        if says(evidence, m.group())
        and m.group() not in ("May", "March")
        and not _BOUND.search(claim[: m.start()])
        and not _BY.search(claim[: m.start()])
        and not _in_name(claim, m)
    ]
    if not found or not asserts(claim):
        return None
    match = rng.choice(found)
    group = _MONTHS if match.group() in _MONTHS else _DAYS
    others = [m for m in group if m != match.group() and not go_together(evidence, match.group(), m)]
    return Edited(put(claim, match, rng.choice(others)), REFUTED, "date") if others else None


def _in_name(claim: str, match: re.Match[str]) -> bool:
    """ "Bloody Sunday", "June Carter"."""
    before = claim[: match.start()].split()
    first = len(before) == 1
    named = bool(before) and before[-1][0].isupper() and before[-1][-1].isalpha() and not first
    return named or bool(_NAME_AROUND.match(claim[match.end() :])) or (first and before[0] in ("Good", "Black", "Big"))


def other_unit(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "5 million" becomes "5 billion", "two hours" "two days", "the first" "the third"."""
    if not asserts(claim):
        return None
    money = [m for m in _CURRENCY.finditer(claim) if m.group() in evidence and not _BOUND.search(claim[: m.start()])]
    if money and rng.random() < 0.5:
        return Edited(put(claim, money[0], rng.choice([c for c in "$£€" if c != money[0].group()])), REFUTED, "unit")
    ways = [
        (match, group)
        for pattern, group in (
            (_MEASURE, None),
            (_SCALE, _UNITS[0]),
            (_ORDINAL, _ORDINALS),
            (_OFTEN, ["once", "twice"]),
        )
        for match in pattern.finditer(claim)
        if says(evidence.lower(), match[match.lastindex or 0].lower()) and not _is_bound(claim, match)
    ]
    if not ways:
        return None
    match, group = rng.choice(ways)
    old = match[match.lastindex or 0].lower()
    same = next((names for names in _SAME_UNIT if old in names), {old})
    units = group or _UNIT_OF[old]
    near = units[max(0, units.index(old) - _UNITS_AWAY_MAX) : units.index(old) + _UNITS_AWAY_MAX + 1]
    others = [u for u in near if u not in same and not go_together(evidence, old, u)]
    if not others:
        return None
    head = match.group()[: match.start(match.lastindex or 0) - match.start()]
    return Edited(put(claim, match, head + rng.choice(others)), REFUTED, "unit")


def same_number(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """The same value written otherwise: "3" and "three", "1,000" and "1000", "5%" and "5 percent". Still supported."""
    ways = []
    for match in _NUMBER.finditer(claim):
        number, before, after = match.group(), claim[: match.start()], claim[match.end() :]
        word = next((w for w, digits in _DIGITS_OF.items() if digits == number), None)
        counts = before and re.search(r"[a-z,]\s\Z", before) and re.match(r"\s[a-z]{3}", after)
        if word and counts and not _beside_month(claim, match) and not _of_name(claim, match):
            ways.append(put(claim, match, word))
        if "," in number:
            ways.append(put(claim, match, number.replace(",", "")))
        if after.startswith("%"):
            ways.append(claim[: match.end()] + rng.choice([" percent", " per cent"]) + after[1:])
    ways += [put(claim, m, _DIGITS_OF[m.group()]) for m in _word_numbers(claim) if m.start()]
    return Edited(rng.choice(ways), SUPPORTED, "same_number") if ways else None
