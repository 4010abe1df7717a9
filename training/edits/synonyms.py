"""The edit that puts a word in another's place where the sentence around it stays right and says the same.

A table of its own: the sets that the rules read (`inference.judges.alignment.synonyms`) hold words of all parts of
speech, and a sentence with "prove" for "show", "length" for "long" or "people" for "person" is none. One way only where
the other would not do: "was commenced" is "was started", but "was started" is not "was began".
"""

import random
import re

from training.edits.edit import Edited, put_word
from training.pairs import SUPPORTED

_SAME = {
    "large": ["big"], "huge": ["enormous"], "enormous": ["huge"], "entire": ["whole"], "numerous": ["many"],
    "famous": ["well-known"], "sufficient": ["enough"],
    "film": ["movie"], "films": ["movies"], "movie": ["film"], "movies": ["films"],
    "physician": ["doctor"], "physicians": ["doctors"], "doctor": ["physician"], "doctors": ["physicians"],
    "automobile": ["car"], "automobiles": ["cars"], "cars": ["automobiles"],
    "nation": ["country"], "nations": ["countries"], "children": ["kids"], "individuals": ["people"],
    "companies": ["firms"], "firms": ["companies"], "assistance": ["help"],
    "began": ["started"], "begins": ["starts"], "commenced": ["started"],
    "purchased": ["bought"], "bought": ["purchased"], "constructed": ["built"], "built": ["constructed"],
    "located": ["situated"], "situated": ["located"], "resides": ["lives"], "resided": ["lived"],
    "requires": ["needs"], "allows": ["permits"], "allowed": ["permitted"], "permitted": ["allowed"],
    "prohibited": ["forbidden"], "forbidden": ["prohibited"], "demonstrates": ["shows"],
    "chosen": ["selected"], "utilized": ["used"], "utilised": ["used"], "collaborated": ["worked together"],
    "nearly": ["almost"], "almost": ["nearly"], "approximately": ["about", "roughly"], "roughly": ["approximately"],
    "quickly": ["rapidly"], "rapidly": ["quickly"], "frequently": ["often"], "often": ["frequently"],
    "rarely": ["seldom"], "seldom": ["rarely"], "primarily": ["mainly"], "mainly": ["primarily"],
    "mostly": ["mainly"], "largely": ["mostly"], "initially": ["at first"], "subsequently": ["later"],
    "afterwards": ["later"], "currently": ["now"], "although": ["though"], "annually": ["yearly"],
    "worldwide": ["around the world"],
}  # fmt: skip
_WORD = re.compile(r"(?<![\w'’-])[A-Za-z]{4,}\b(?!['’-])")
_OF_PLACE = re.compile(r"\b(?:is|was|are|were) \Z")


def synonym(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """A word becomes another that says the same. Still supported."""
    found = [m for m in _WORD.finditer(claim) if _applies(claim, m)]
    if not found:
        return None
    match = rng.choice(found)
    return Edited(put_word(claim, match, rng.choice(_SAME[match.group().lower()])), SUPPORTED, "synonym")


def _applies(claim: str, match: re.Match[str]) -> bool:
    """Whether the table has the word: one in lower case, or the first. What they located is not what they situated."""
    word = match.group() if match.start() else match.group().lower()
    return word in _SAME and (word not in ("located", "situated") or bool(_OF_PLACE.search(claim[: match.start()])))
