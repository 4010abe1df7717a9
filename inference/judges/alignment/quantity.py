"""A number with its unit and bound, as a value.

What it says of another quantity is decided in `quantity_comparison`; how it is read, in `numbers`.
"""

from dataclasses import dataclass
from enum import StrEnum


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
