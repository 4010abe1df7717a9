"""Labelled pairs of claim and evidence: the values that the recipe works on."""

from dataclasses import dataclass

SUPPORTED, REFUTED, UNKNOWN = 1, 2, 4
UNSUPPORTED = REFUTED | UNKNOWN
"""What a label allows, as bits: a set with two labels says only that a claim is not supported, not which way."""

LABEL_BITS = {"supported": SUPPORTED, "refuted": REFUTED, "not_enough_info": UNKNOWN}


@dataclass(frozen=True, slots=True)
class Pair:
    """One example. `allowed`: the classes that would be right. `group`: pairs that share texts share it."""

    claim: str
    evidence: str
    allowed: int
    source: str
    group: str
