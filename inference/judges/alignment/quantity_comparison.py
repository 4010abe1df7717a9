"""What one quantity says of another: the same, something that excludes it, or nothing.

Units of one dimension are compared in its base unit. Money and counts must agree exactly, measurements nearly.
"""

import math

from inference.judges.alignment.dates import Relation
from inference.judges.alignment.quantity import Bound, Quantity
from inference.judges.alignment.synonyms import synonym_keys
from inference.judges.alignment.vocabulary import word_set

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
