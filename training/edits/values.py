"""Edits of numbers, dates and units."""

import random
import re

from inference.judges.alignment.vocabulary import word_list
from training.edits.edit import Edited, put, put_word
from training.pairs import REFUTED, SUPPORTED

_NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w,.-]*\d)")
_BOUND = re.compile(
    r"\b(?:over|under|than|least|most|about|around|nearly|almost|approximately|up to|below|above|between|before|after"
    r"|since|until|within|older|younger)\W+(?:\w+\W+){0,1}\Z",
    re.I,
)
_WORDS = word_list("two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty")
_DIGITS_OF = dict(zip(_WORDS, word_list("2 3 4 5 6 7 8 9 10 11 12 15 20 30 40 50"), strict=True))
_WORD_NUMBER = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.I)
_MONTHS = word_list("January February March April May June July August September October November December")
_DAYS = word_list("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_MONTH_OR_DAY = re.compile(rf"\b(?:{'|'.join(_MONTHS + _DAYS)})\b")
_UNITS = [
    word_list("thousand million billion trillion"),
    word_list("seconds minutes hours days weeks months years decades centuries"),
    word_list("second minute hour day week month year decade century"),
    word_list("kilometers kilometres miles meters metres feet inches yards"),
    word_list("km mi m cm mm ft"),
    word_list("kilograms pounds grams tonnes ounces"),
    word_list("kg lb g mg"),
    word_list("dollars pounds euros yen"),
    word_list("once twice"),
    word_list("first second third fourth fifth last"),
]
_UNIT_OF = {unit: group for group in _UNITS for unit in group}
_UNIT = re.compile(rf"\b(?:{'|'.join(_UNIT_OF)})\b", re.I)
_CURRENCY = re.compile(r"[$£€](?=\d)")


def other_number(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A number of the claim that stands in the evidence becomes another: one of the evidence's, or one near it."""
    found = [m for m in _NUMBER.finditer(claim) if m.group() in evidence and not _BOUND.search(claim[: m.start()])]
    if not found:
        return None
    match = rng.choice(found)
    old = match.group()
    theirs = [n for n in _NUMBER.findall(evidence) if n != old and n not in claim and abs(len(n) - len(old)) <= 1]
    new = rng.choice(theirs) if theirs and rng.random() < 0.45 else _near(rng, old)
    return None if new == old else Edited(put(claim, match, new), REFUTED, "number")


def _near(rng: random.Random, old: str) -> str:
    value = float(old.replace(",", ""))
    whole = "." not in old
    year = whole and len(old) == 4 and 1200 <= value <= 2100
    if year:
        return str(int(value) + rng.choice([-1, 1]) * rng.choice([1, 2, 3, 5, 10, 12, 20, 30, 100]))
    changed = rng.choice(
        [value + rng.choice([1, 2, 3]), value * rng.choice([2, 3, 10]), value * rng.choice([0.5, 0.8, 1.2, 1.5])]
    )
    if value >= 3 and rng.random() < 0.3:
        changed = value - rng.choice([1, 2])
    digits = 0 if whole else len(old.partition(".")[2])
    return f"{changed:,.{digits}f}" if "," in old else f"{changed:.{digits}f}"


def other_number_word(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "three" becomes "five"."""
    found = [
        m
        for m in _WORD_NUMBER.finditer(claim)
        if not _BOUND.search(claim[: m.start()])
        and (m.group().lower() in evidence.lower() or _DIGITS_OF[m.group().lower()] in evidence)
    ]
    if not found:
        return None
    match = rng.choice(found)
    new = rng.choice([w for w in _WORDS if w != match.group().lower()])
    return Edited(put_word(claim, match, new), REFUTED, "number")


def other_date(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A month or day of the week becomes another."""
    found = [m for m in _MONTH_OR_DAY.finditer(claim) if m.group() in evidence and m.group() not in ("May", "March")]
    if not found:
        return None
    match = rng.choice(found)
    group = _MONTHS if match.group() in _MONTHS else _DAYS
    return Edited(put(claim, match, rng.choice([m for m in group if m != match.group()])), REFUTED, "date")


def other_unit(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "million" becomes "billion", "hours" becomes "days", "first" becomes "third"."""
    found = [m for m in _UNIT.finditer(claim) if m.group().lower() in evidence.lower()]
    if rng.random() < 0.5 and (match := _CURRENCY.search(claim)):
        return Edited(put(claim, match, rng.choice([c for c in "$£€" if c != match.group()])), REFUTED, "unit")
    if not found:
        return None
    match = rng.choice(found)
    old = match.group().lower()
    return Edited(put_word(claim, match, rng.choice([u for u in _UNIT_OF[old] if u != old])), REFUTED, "unit")


def same_number(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """The same value written otherwise: "3" and "three", "1,000" and "1000", "5%" and "5 percent". Still supported."""
    ways = []
    for match in _NUMBER.finditer(claim):
        number = match.group()
        word = next((w for w, digits in _DIGITS_OF.items() if digits == number), None)
        if word and not claim[match.end() :].startswith(("%", ":", "-")):
            ways.append(put(claim, match, word))
        if "," in number:
            ways.append(put(claim, match, number.replace(",", "")))
        if claim[match.end() :].startswith("%"):
            ways.append(claim[: match.end()] + rng.choice([" percent", " per cent"]) + claim[match.end() + 1 :])
    ways += [put(claim, m, _DIGITS_OF[m.group().lower()]) for m in _WORD_NUMBER.finditer(claim) if m.start()]
    return Edited(rng.choice(ways), SUPPORTED, "same_number") if ways else None
