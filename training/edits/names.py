"""Edits of names: another name in a name's place, and two names that change places."""

import random
import re

from inference.evidence.search_terms import STOP_WORDS
from inference.judges.alignment.vocabulary import word_set
from training.edits.edit import Edited, asserts, go_together, put, says
from training.pairs import UNSUPPORTED

_PART = r"[A-Z](?:(?!['’]s?\b)[\w'’-])*\w"
_MORE = rf"(?: (?:(?:of|de|van|von) (?:the )?)?(?:[A-Z]\.|{_PART}))"
_NAME = re.compile(rf"(?<![.!?:]\s)(?<!^)(?<![\w’'‘\"“-]){_PART}{_MORE}*(?!['’](?:ve|re|ll|m|d|t)\b)")
_FIRST_NAME = re.compile(rf"^{_PART}{_MORE}+")
_LEADING = word_set("The A An In On At For From With By To After Before During His Her Their Its When As But And While")
_BEGINS = word_set(
    "following despite although because during between under until through throughout according several many some most"
    " together meanwhile however since unlike including among within without"
)
_DATE = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Spring|Summer|Autumn|Winter|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)s?\b"
)
_ORIGIN = re.compile(r"(?:ese|ish|ian|ean|[mr]ican|ench|utch|wiss|reek|zech|hai|raqi|aeli|stani|Arab)s?\Z")
_SYMMETRIC = re.compile(
    r"\b(?:and|or|married|marr(?:y|ies)|wed|divorced|met|meets|with|between|same|both|near|rival\w*|similar\w*|joined"
    r"|versus|vs|against|siblings?|sisters?|brothers?|twins?|cousins?|spouses?|partners?|friends?|neighbou?r\w*|border\w*"
    r"|adjacent|next to|equal\w*|tied|drew|together|each other|unlike|like|different|dat(?:ed|ing)"
    r"|distinguish\w*|compar\w*|differ\w*|co-\w+)\b",
    re.I,
)
_LINKED = re.compile(r"^(?:[\s,()&–-]|and|or|of|in|the|is|was|aka|also|known|as)*$")
_WORDS_MAX = 4
_ROLES_WORDS_MAX = 24
_HEADLINE_WORDS = 8
_CAPITALS_MAX = 0.6  # of so many words: more is a headline, where a capital tells nothing


def names(text: str) -> list[re.Match[str]]:
    """The runs of capitalised words that are most likely names, no dates among them."""
    first = _FIRST_NAME.match(text)
    found = [m for m in _NAME.finditer(text) if not _goes_on(text, m)]
    return [m for m in ([first] if first else []) + found if _is_name(m.group())]


def _is_name(words: str) -> bool:
    first, *_ = words.split()
    return first.lower() not in STOP_WORDS | _BEGINS and len(words.split()) <= _WORDS_MAX and not _DATE.search(words)


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Whether a name only goes on with what the text's first word begins: "You Belong with Me"."""
    before = text[: match.start()].split()
    return len(before) == 1 and before[0][:1].isupper() and before[0][-1].isalpha() and before[0] not in _LEADING


def _kind(name: str) -> str:
    if name.isupper():
        return "letters"
    return "origin" if _ORIGIN.search(name) else "name"


def _is_headline(words: list[str]) -> bool:
    return len(words) >= _HEADLINE_WORDS and sum(w[:1].isupper() for w in words) > _CAPITALS_MAX * len(words)


def _to_change(claim: str, evidence: str) -> list[re.Match[str]]:
    if _is_headline(claim.split()) or not asserts(claim):
        return []
    return [m for m in names(claim) if says(evidence, m.group()) and not re.match(r"\s\d", claim[m.end() :])]


def _alike(name: str, others: list[str]) -> list[str]:
    """Those of the same kind, of as many words if there are any."""
    kind = [other for other in others if _kind(other) == _kind(name)]
    return [other for other in kind if len(other.split()) == len(name.split())] or kind


def other_name(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A name of the claim becomes another name of the evidence."""
    found = _to_change(claim, evidence)
    if not found:
        return None
    match = rng.choice(found)
    said = set(re.findall(r"\w+", claim))
    theirs = sorted({m.group() for m in names(evidence)})
    theirs = [n for n in theirs if not set(n.split()) & said and not go_together(evidence, match.group(), n)]
    alike = _alike(match.group(), theirs)
    return Edited(put(claim, match, rng.choice(alike)), UNSUPPORTED, "name") if alike else None


def name_from(pool: list[str], rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A name of the claim becomes a name from elsewhere."""
    found = _to_change(claim, evidence)
    if not found:
        return None
    match = rng.choice(found)
    alike = [n for n in _alike(match.group(), rng.sample(pool, min(40, len(pool)))) if n not in evidence]
    return Edited(put(claim, match, alike[0]), UNSUPPORTED, "name") if alike else None


def swapped_roles(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "A bought B" becomes "B bought A"; "A and B", "A, B" and "A is B" stay."""
    found = sorted(_to_change(claim, claim), key=lambda m: m.start())
    if len(found) < 2 or len(claim.split()) > _ROLES_WORDS_MAX:
        return None
    first, second = found[0], found[-1]
    between = claim[first.end() : second.start()]
    if (
        first.end() >= second.start()
        or claim.count(first.group()) + claim.count(second.group()) > 2
        or _LINKED.match(between)
    ):
        return None
    if _SYMMETRIC.search(claim) or _kind(first.group()) != _kind(second.group()):
        return None
    text = claim[: first.start()] + second.group() + between + first.group()
    return Edited(text + claim[second.end() :], UNSUPPORTED, "roles")
