"""The edit that makes a claim say something more, which its evidence does not say."""

import random
import re

from training.edits.edit import Edited, asserts
from training.pairs import UNSUPPORTED

_ADJUNCT = re.compile(
    r"\b(?:in|for|during|because of|due to|according to|as part of|despite|following|alongside|thanks to)\s"
    r"(?:[\w'’-]+\s){1,5}[\w'’-]+(?=[,.])"
)
_CLAUSE = re.compile(r"\s(?:is|was|are|were|will|would|has|have|had|can|could|he|she|they|it|that|which|who)\s|['’]\Z")
_WORDS_MAX = 40


def added(pool: list[str], rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """The claim says something more, taken from another text."""
    extra = rng.choice(pool) if pool else ""
    if not extra or extra in evidence or len(claim.split()) > _WORDS_MAX or not asserts(claim):
        return None
    end = claim.rstrip(" .!")
    if not end[-1:].isalnum():
        return None
    return Edited(f"{end} {extra}{claim[len(end) :].strip() or '.'}", UNSUPPORTED, "added")


def adjuncts(text: str) -> list[str]:
    """What `added` can add, out of a text: "in the spring of 1990", and no part of a clause."""
    return [m.group() for m in _ADJUNCT.finditer(text) if not _CLAUSE.search(m.group())]
