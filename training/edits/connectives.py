"""Edits of what relates the parts of a claim: "because of" becomes "despite", "before" becomes "after"."""

import random
import re

from training.edits.edit import Edited, asserts, put_word
from training.pairs import UNSUPPORTED

_BOUND_TO_WITH = re.compile(
    r"\b(?:compar\w+|associat\w+|along|together|consistent|correlat\w+|filled|deal\w*|beg[ia]n\w*|patients?|contrast\w*"
    r"|cop\w+|concerned|familiar|faced|provided|charged) \Z",
    re.I,
)
_BOUND_TO_AFTER = re.compile(r"\b(?:named|look\w*|sought|day|and|soon|ever|both before) \Z", re.I)
_WENT = re.compile(r"\b(?:came|went|moved|travell?ed|returned|flew|transferred|sailed|departed) \Z", re.I)
_CONNECTIVES: list[tuple[str, list[str]]] = [
    (r"because of", ["despite"]),
    (r"because(?! of)", ["although"]),
    (r"due to", ["in spite of"]),
    (r"before(?! and\b)", ["after"]),
    (r"after(?! all\b)", ["before"]),
    (r"with", ["without"]),
    (r"inside", ["outside"]),
    (r"(?<!the )above(?! all\b)", ["below"]),
    (r"below", ["above"]),
    (r"from(?!.* to )", ["to"]),
    (r"against", ["for"]),
    (r"causes(?! of\b)", ["prevents"]),
    (r"caused", ["prevented"]),
    (r"(?<=the )following", ["preceding"]),
    (r"during", ["before", "after"]),
    (r"north", ["south"]),
    (r"south", ["north"]),
    (r"east", ["west"]),
    (r"west", ["east"]),
]
_HE = re.compile(r"\b(?:he|He)\b"), re.compile(r"\b(?:he|him|his|himself)\b", re.I)
_SHE = re.compile(r"\b(?:she|She)\b"), re.compile(r"\b(?:she|her|hers|herself)\b", re.I)


def other_connective(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "because of" becomes "despite", "before" becomes "after", "he" becomes "she"."""
    ways = [
        put_word(claim, match, rng.choice(news))
        for pattern, news in _CONNECTIVES
        for match in re.finditer(rf"\b{pattern}\b", claim, re.I)
        if _free(claim, match)
    ]
    ways += _other_person(claim, evidence)
    return Edited(rng.choice(ways), UNSUPPORTED, "relation") if ways and asserts(claim) else None


def _free(claim: str, match: re.Match[str]) -> bool:
    """Whether a word relates what stands beside it, and is no part of "compared with", "named after", "made from"."""
    before, word = claim[: match.start()], match.group().lower()
    if word == "from":
        return bool(_WENT.search(before))
    bound = {"with": _BOUND_TO_WITH, "after": _BOUND_TO_AFTER}.get(word)
    return not (bound and bound.search(before))


def _other_person(claim: str, evidence: str) -> list[str]:
    """ "he" for "she" and the other way, where that is the only word of its kind in the claim and in the evidence."""
    for (subject, all_of), (_, others), new in ((_HE, _SHE, "she"), (_SHE, _HE, "he")):
        match = subject.search(claim)
        if match and len(all_of.findall(claim)) == 1 and all_of.search(evidence) and not others.search(evidence):
            return [put_word(claim, match, new)]
    return []
