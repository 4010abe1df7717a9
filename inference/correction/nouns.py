"""The noun for a pronoun whose sentence goes: "It was built in 1889." after "The tower is in Rome." was removed.

A claim's text stands on its own, so it says what the pronoun means. Only where the rest of the sentence is word for
word that of the claim; anything less plain is left, and then judged as it stands.
"""

import re
from collections.abc import Sequence

from inference.claims.framing import framing_end
from inference.claims.markup import MASK, plain
from inference.claims.slots import lowered
from inference.correction.draft import NOUN_PUT_BACK, Draft
from inference.correction.edit import Edit
from inference.correction.outline import Outline
from inference.verdict import Claim, Span

NOUN_CHARS_MAX = 80  # a longer one is no noun phrase that a sentence should begin with
_PRONOUN = re.compile(
    r"(?:(?:and|but|yet)\s+)?(?P<pronoun>(?:it|he|she|they|this|that)(?P<short>['’](?:s|re))?|its|his|her|their)\b",
    re.I,
)
_LONG_FORMS = {"s": (" is", " has"), "re": (" are",)}


def noun_put_back(of: Outline, draft: Draft, number: int, claim: Claim, now: str) -> Edit | None:
    """The edit that puts the noun of claim `number` in the place of the pronoun that it begins with; None if it is
    not plain, or if something is put there already. `now` is the claim as it stands in the corrected text."""
    said = of.masked[claim.span.start : claim.span.end].replace(MASK, " ")
    # "However, it is old": the pronoun stands behind what frames the claim.
    found = _PRONOUN.match(of.masked, claim.span.start + framing_end(said), claim.span.end)
    if found is None or any(swap.span.start == found.start("pronoun") for swap in draft.swaps):
        return None
    rest = _bare(plain(of.masked[found.end() : claim.span.end]))
    text = _bare(claim.text)
    for verb in _long_forms(found["short"]):
        if rest and text.endswith(f"{verb} {rest}"):
            noun = text[: len(text) - len(f"{verb} {rest}")]
            if noun and len(noun) <= NOUN_CHARS_MAX and noun.lower() != found["pronoun"].lower():
                place = Span(*found.span("pronoun"))
                first = now[:1].isupper() and now.lower().startswith(found["pronoun"].lower())
                return Edit(place, (noun if first else lowered(noun)) + verb, (number,), NOUN_PUT_BACK)
    return None


def _long_forms(short: str | None) -> Sequence[str]:
    return _LONG_FORMS[short[1:].lower()] if short else ("",)


def _bare(text: str) -> str:
    return text.rstrip(" .!,;:")
