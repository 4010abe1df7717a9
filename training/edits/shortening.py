"""Edits that say less: what is left of a supported sentence when something is taken out is supported too."""

import random
import re

from training.edits.edit import Edited
from training.pairs import SUPPORTED

_BRACKET = re.compile(r"\s*\([^()]*\)")
_LINK = re.compile(
    r"^(?:However|Moreover|In addition|Meanwhile|Also|Then|But|And|Furthermore|Therefore|Thus|Finally),?\s+"
)
_RELATIVE = re.compile(r",\s(?:which|who|whose|where|including|such as)\s[^,]*(?:,|(?=\.$))")
_LEAD = re.compile(r"^(?:In|On|At|After|During|As|By|When|While|Since)\s[^,]{3,60},\s+(?=\w)")
_QUOTED = re.compile(
    r",?\s(?:he|she|they|it|the \w+|police|officials)\s(?:said|added|told \w+|says|reported)\b[^,]*\.?$", re.I
)


def shorter(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """Takes out brackets, a linking word, a relative clause, a leading adjunct, who said it."""
    text = _LINK.sub("", _BRACKET.sub("", claim))
    for pattern in rng.sample([_RELATIVE, _LEAD, _QUOTED], 3):
        if rng.random() < 0.7:
            text = pattern.sub("", text, count=1).strip()
    text = text.strip(" ,")
    if len(text.split()) < 4 or text == claim:
        return None
    text = text[0].upper() + text[1:]
    return Edited(text if text[-1] in ".!?" else f"{text}.", SUPPORTED, "shorter")
