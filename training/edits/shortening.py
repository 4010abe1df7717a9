"""Edits that say less: what is left of a supported sentence when something is taken out is supported too."""

import random
import re

from training.edits.edit import Edited, asserts
from training.pairs import SUPPORTED

_BRACKET = re.compile(r"\s*\([^()]*\)")
_LINK = re.compile(
    r"^(?:However|Moreover|In addition|Meanwhile|Also|Then|But|And|Furthermore|Therefore|Thus|Finally),?\s+"
)
_LIST_GOES_ON = r"(?!\s(?:[\w’'-]+\s){1,4}(?:and|or)\b)"
_RELATIVE = re.compile(
    rf"\s?,\s(?:(?:which|who|whose|where)\s[^,]*,{_LIST_GOES_ON}|(?:which|who|whose|where)\s[^,]*(?=\.$)"
    r"|(?:including|such as)\s[^;:]*(?=\.$))"
)
_MONTH_OR_DAY = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
)
_LEAD = re.compile(
    rf"^(?:In|On|At|After|During|By|Since)\s(?=[^,]*(?:\d{{4}}|\b(?:{_MONTH_OR_DAY})\b))[^,]{{3,60}}"
    rf"(?:,\s\d{{4}})?\s?,\s+(?!\d|and\b|or\b|{_MONTH_OR_DAY})(?=\w)"
)
_TOTAL = re.compile(r"\b(?:all|every\w*|each|always|any|only|least|most|more|best|worst|\w+est)\b", re.I)
_QUOTED = re.compile(
    r"\s?,\s(?:he|she|they|police|officials|the \w+)\s(?:said|added|says|reported)"
    r"(?:\s(?:on|in|at|to|after|during)\s[^,]*)?\s?\.?$",
    re.I,
)


def shorter(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """Takes out brackets, a linking word, a relative clause, a date that leads, who said it.

    What holds of all, of none or of the most in a time need not hold without it: there the date stays.
    """
    text = _LINK.sub("", _BRACKET.sub("", claim))
    for pattern in rng.sample([_RELATIVE, _LEAD, _QUOTED], 3):
        if rng.random() < 0.7 and not (pattern is _LEAD and (_TOTAL.search(text) or not asserts(text))):
            text = pattern.sub("", text, count=1).strip()
    text = text.strip(" ,")
    if len(text.split()) < 4 or text.casefold() == claim.casefold() or not _balanced(text):
        return None
    text = text[0].upper() + text[1:]
    return Edited(text if text.rstrip("\"'”’)")[-1:] in (".", "!", "?") else f"{text}.", SUPPORTED, "shorter")


def _balanced(text: str) -> bool:
    """Whether no quotation was cut in two."""
    return text.count('"') % 2 == 0 and text.count("“") == text.count("”") and text[0] not in "'‘"
