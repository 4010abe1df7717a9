"""The edit that denies what a claim says, or says what it denies."""

import random
import re

from training.edits.edit import Edited, asserts, put
from training.pairs import REFUTED

_AUXILIARY = re.compile(
    r"\b(?:is|was|are|were|has|have|had|can|could|will|would|should|must)\b(?=\s[a-z0-9])(?! not\b)"
)
_NOT = re.compile(
    r"\b(?:is|was|are|were|has|have|had|can|could|will|would|should|did|does|do) not\b"
    r"(?! (?:only|just|merely|all|every))"
)
_OWNS = {"has": "does not have", "have": "do not have", "had": "did not have"}
_OWNED = re.compile(r"\s(?:an?|the|his|her|its|their|\d[\d,.]*|one|two|three|four|five|six|seven|many|more|several)\s")
_DONE = re.compile(
    r"\s(?:\w+ly\s|also\s|since\s)?(?:been|had|made|won|become|led|held|left|sold|built|\w{3,}ed|\w{3,}en)\b"
)
_IN_CLAUSE = re.compile(
    r"\b(?:when|before|after|while|until|because|although|as|since|where|than|to)\s(?:[\w’'-]+\s){0,3}\Z", re.I
)
_SOME = re.compile(r"\b(?:some|several|many|often|sometimes|usually|may|might|likely|probably)\b", re.I)
"""Where these stand, the denial can be as true: some are and some are not."""


def negated(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "is" becomes "is not", "has a" becomes "does not have a", and "is not" becomes "is"."""
    denied = list(_NOT.finditer(claim))
    if denied:
        match = rng.choice(denied)
        text = put(claim, match, match.group().removesuffix(" not"))
        return Edited(text, REFUTED, "negation") if asserts(text) else None
    if not asserts(claim) or _SOME.search(claim):
        return None
    found = [m for m in _AUXILIARY.finditer(claim) if not _IN_CLAUSE.search(claim[: m.start()])]
    new = _denial(rng, claim, found[0]) if found else None
    return Edited(put(claim, found[0], new), REFUTED, "negation") if new else None


def _denial(rng: random.Random, claim: str, match: re.Match[str]) -> str | None:
    word, after = match.group(), claim[match.end() :]
    if word in _OWNS and _OWNED.match(after):
        return _OWNS[word]
    if word in _OWNS and not _DONE.match(after):
        return None
    if word == "can":
        return "cannot"
    return f"{word} {rng.choice(['not', 'never']) if word in ('was', 'were', 'has', 'had') else 'not'}"
