"""Edits of words: negation, quantities, opposites, a near word in a word's place, and something added."""

import random
import re

from inference.evidence.search_terms import STOP_WORDS
from inference.judges.alignment.lemma import lemma
from inference.judges.alignment.opposites import PAIRS
from inference.judges.alignment.synonyms import SETS, synonym_keys
from inference.text.words import stem
from training.edits.edit import Edited, put, put_word
from training.pairs import REFUTED, SUPPORTED, UNSUPPORTED

_AUXILIARY = re.compile(r"\b(?:is|was|are|were|has|have|had|can|could|will|would|should|may|must)\b(?! not| n't)")
_NOT = re.compile(r"\b(?:is|was|are|were|has|have|had|can|could|will|would|should|did|does|do) not\b")
_STRONGER = {
    "some": ["all", "no", "most"], "many": ["few", "no", "all"], "most": ["all", "few"], "several": ["no", "all"],
    "few": ["many", "all"], "often": ["never", "always", "rarely"], "sometimes": ["always", "never"],
    "usually": ["always", "never", "rarely"], "may": ["must", "cannot"], "might": ["will"], "could": ["did"],
    "all": ["no", "few"], "every": ["no"], "always": ["never"], "never": ["always"], "no": ["some", "every"],
    "both": ["neither"], "only": ["not only"], "rarely": ["often"], "at least": ["at most"], "more than": ["less than"],
    "less than": ["more than"], "up to": ["at least"], "about": ["exactly"], "partly": ["fully"],
}  # fmt: skip
_WEAKER = {"all": ["some", "many", "most"], "every": ["some"], "always": ["sometimes", "often"], "most": ["some"],
           "many": ["some", "several"], "several": ["some"], "must": ["should"]}  # fmt: skip
_CONNECTIVES = {
    "because of": ["despite"], "because": ["although"], "due to": ["in spite of"], "before": ["after"],
    "after": ["before"], "without": ["with"], "with": ["without"], "inside": ["outside"], "above": ["below"],
    "below": ["above"], "from": ["to"], "against": ["for"], "increase": ["decrease"], "causes": ["prevents"],
    "caused": ["prevented"], "following": ["preceding"], "during": ["before", "after"], "will": ["did"],
    "north": ["south"], "south": ["north"], "east": ["west"], "west": ["east"], "he": ["she"], "she": ["he"],
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]{4,}")
_ADJUNCT = re.compile(
    r"\b(?:in|for|during|because of|due to|according to|as part of|despite|following|alongside|thanks to)\s"
    r"(?:[\w'’-]+\s){1,5}[\w'’-]+(?=[,.])"
)
_ENDINGS = ("", "s", "d", "ed", "es", "ing", "ly")


def negated(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "is" becomes "is not", and "is not" becomes "is"."""
    denied = list(_NOT.finditer(claim))
    if denied:
        match = rng.choice(denied)
        return Edited(put(claim, match, match.group().removesuffix(" not")), REFUTED, "negation")
    found = list(_AUXILIARY.finditer(claim))
    if not found:
        return None
    match = found[0]
    new = rng.choice(["not", "never"]) if match.group() in ("was", "were", "has", "had") else "not"
    return Edited(put(claim, match, f"{match.group()} {new}"), REFUTED, "negation")


def _replaced(rng: random.Random, claim: str, table: dict[str, list[str]]) -> str | None:
    found = [m for word in table for m in re.finditer(rf"\b{word}\b", claim, re.I)]
    if not found:
        return None
    match = rng.choice(found)
    return put_word(claim, match, rng.choice(table[match.group().lower()]))


def stronger(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "some" becomes "all", "may" becomes "must"."""
    text = _replaced(rng, claim, _STRONGER)
    return Edited(text, UNSUPPORTED, "quantity") if text else None


def weaker(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "all" becomes "some": what follows from the claim is supported too."""
    if re.search(r"\b(?:not|no|never|few|n't)\b", claim):
        return None
    text = _replaced(rng, claim, _WEAKER)
    return Edited(text, SUPPORTED, "weaker") if text else None


def other_connective(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "because of" becomes "despite", "before" becomes "after"."""
    text = _replaced(rng, claim, _CONNECTIVES)
    return Edited(text, UNSUPPORTED, "relation") if text else None


def _opposites() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in PAIRS.strip().splitlines():
        one, other, *_ = line.split()
        for ending in _ENDINGS:
            a, b = _inflected(one, ending), _inflected(other, ending)
            found.setdefault(a, []).append(b)
            found.setdefault(b, []).append(a)
    return found


def _inflected(word: str, ending: str) -> str:
    if word.endswith("e") and ending in ("ed", "ing", "es"):
        return word[:-1] + ending
    return word + ending


_OPPOSITES = _opposites()


def opposite(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "increased" becomes "decreased"."""
    found = [m for m in _WORD.finditer(claim) if m.group().lower() in _OPPOSITES]
    if not found:
        return None
    match = rng.choice(found)
    return Edited(put_word(claim, match, rng.choice(_OPPOSITES[match.group().lower()])), REFUTED, "opposite")


_SYNONYMS: dict[str, list[str]] = {}
for _line in SETS.strip().splitlines():
    for _word in _line.split():
        _SYNONYMS.setdefault(_word, []).extend(w for w in _line.split() if w != _word)


def synonym(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A word becomes one of its first two synonyms. Still supported."""
    found = [m for m in _WORD.finditer(claim) if m.group() in _SYNONYMS]
    if not found:
        return None
    match = rng.choice(found)
    return Edited(put_word(claim, match, rng.choice(_SYNONYMS[match.group()][:2])), SUPPORTED, "synonym")


def near_word(neighbours: dict[str, list[str]], rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A word that the evidence has becomes one that lies near it in the base model's word space: no synonym of it."""
    stems = {stem(word) for word in _WORD.findall(evidence)}
    found = [
        m
        for m in _WORD.finditer(claim)
        if m.group().lower() not in STOP_WORDS and stem(m.group()) in stems and m.group().lower() in neighbours
    ]
    if not found:
        return None
    match = rng.choice(found)
    old = match.group().lower()
    meaning = synonym_keys(lemma(old))
    new = [
        word
        for word in neighbours[old]
        if word[-1] == old[-1] and stem(word) not in stems and not synonym_keys(lemma(word)) & meaning
    ]
    if not new:
        return None
    return Edited(put_word(claim, match, rng.choice(new[:6])), UNSUPPORTED, "word")


def added(pool: list[str], rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """The claim says something more, taken from another text."""
    extra = rng.choice(pool)
    if extra in evidence or len(claim.split()) > 40:
        return None
    end = claim.rstrip(" .!")
    return Edited(f"{end} {extra}{claim[len(end) :].strip() or '.'}", UNSUPPORTED, "added")


def adjuncts(text: str) -> list[str]:
    """What `added` can add, out of a text."""
    return [m.group() for m in _ADJUNCT.finditer(text)]
