"""Edits of names: another name in a name's place, and two names that change places."""

import random
import re

from inference.judges.alignment.vocabulary import word_set
from training.edits.edit import Edited, put
from training.pairs import UNSUPPORTED

_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w'’-]+(?:\s(?:of\s|de\s|van\s)?[A-Z][\w'’.-]+)*")
_FIRST_NAME = re.compile(r"^[A-Z][\w'’-]+(?:\s[A-Z][\w'’.-]+)+")
_NOT_NAMES = word_set("The A An It In On At He She They His Her Their This That These Those However But And I")
_SYMMETRIC = re.compile(r"\b(?:and|or|married|met|with|between|same|both|near|rival|similar|joined|versus)\b", re.I)
_WORDS_MAX = 4


def names(text: str) -> list[re.Match[str]]:
    """The runs of capitalised words that are most likely names."""
    found = list(_NAME.finditer(text)) + list(_FIRST_NAME.finditer(text))
    return [m for m in found if m.group() not in _NOT_NAMES and len(m.group().split()) <= _WORDS_MAX]


def other_name(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A name of the claim becomes another name of the evidence."""
    found = [m for m in names(claim) if m.group() in evidence]
    theirs = sorted({m.group() for m in names(evidence)} - {m.group() for m in found})
    theirs = [name for name in theirs if not set(name.split()) & set(claim.split())]
    if not found or not theirs:
        return None
    match = rng.choice(found)
    alike = [name for name in theirs if len(name.split()) == len(match.group().split())] or theirs
    return Edited(put(claim, match, rng.choice(alike)), UNSUPPORTED, "name")


def name_from(pool: list[str], rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A name of the claim becomes a name from elsewhere."""
    found = [m for m in names(claim) if m.group() in evidence]
    if not found:
        return None
    match = rng.choice(found)
    alike = [n for n in rng.sample(pool, min(40, len(pool))) if len(n.split()) == len(match.group().split())]
    alike = [n for n in alike if n not in evidence]
    return Edited(put(claim, match, alike[0]), UNSUPPORTED, "name") if alike else None


def swapped_roles(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "A bought B" becomes "B bought A"."""
    found = sorted(names(claim), key=lambda m: m.start())
    if len(found) < 2 or _SYMMETRIC.search(claim):
        return None
    first, second = found[0], found[-1]
    if first.end() >= second.start() or first.group() == second.group() or len(claim.split()) > 24:
        return None
    text = claim[: first.start()] + second.group() + claim[first.end() : second.start()] + first.group()
    return Edited(text + claim[second.end() :], UNSUPPORTED, "roles")
