"""The edit that puts a near word in a word's place: "doctor" becomes "nurse"."""

import random
import re
from collections.abc import Mapping

from inference.evidence.search_terms import STOP_WORDS
from inference.judges.alignment.lemma import lemma
from inference.judges.alignment.synonyms import synonym_keys
from inference.text.words import stem
from training.edits.edit import Edited, asserts, put_word
from training.pairs import UNSUPPORTED

_WORD = re.compile(r"[A-Za-z]{4,}")
_NEAREST = 6


def near_word(neighbours: Mapping[str, list[str]], rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A word that the evidence has becomes one that lies near it in the base model's word space: no synonym of it."""
    stems = {stem(word) for word in _WORD.findall(evidence)}
    found = [
        m
        for m in _WORD.finditer(claim)
        if m.group().lower() not in STOP_WORDS and stem(m.group()) in stems and m.group().lower() in neighbours
    ]
    if not found or not asserts(claim):
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
    return Edited(put_word(claim, match, rng.choice(new[:_NEAREST])), UNSUPPORTED, "word")
