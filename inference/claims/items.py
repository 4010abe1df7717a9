"""List items and table rows: what the line before a list lends to its items, and "key: value"."""

import re
from dataclasses import dataclass

from inference.claims import lexicon as lex
from inference.claims import verbs
from inference.claims.markup import cells
from inference.claims.phrases import SUBJECT_CHARS_MAX, is_statement, leading_subject, tokens
from inference.claims.questions import sentence
from inference.claims.slots import lowered

LEAD_IN_CHARS_MAX = 300  # a longer line before a list is not repeated in every item
HEADER_CHARS_MAX = 100  # of a column name, which is repeated in every row

_NOTHING = re.compile(
    r"(?:here(?:'s| is| are|’s)|below (?:is|are)|these are|some|the following(?: \w+)? (?:is|are)\W*\Z|see|let|i |"
    r"we |you can|steps|sources?|references?|note|"
    r"there are (?:several|many|some|a few|two|three|four|five|\d+) (?:\w+ )?(?:reasons?|facts?|points?|ways|"
    r"things|steps)|"
    r"(?:key |main |important |more |quick |some )*(?:facts|points|details|features|summary|reasons|highlights|"
    r"examples|steps|notes|overview)\b)",
    re.I,
)
_ABOUT = re.compile(r"\b(?:about|of|on|for|regarding)\s+((?:the |an? )?[^,.;:]{2,80})\Z", re.I)
_FOLLOWING = re.compile(r"(?:,?\s+(?:such as|including|namely|like))?\s+(?:the )?(?:following|these)\Z", re.I)
_KEY = re.compile(r"([^\s:][^:]{0,60}?)\s*:\s+(\S.*)", re.S)
_OPEN_ENDS = lex.PREPOSITIONS | {
    "include",
    "includes",
    "included",
    "including",
    "are",
    "is",
    "was",
    "were",
    "that",
    "has",
    "have",
    "contains",
    "contain",
    "namely",
    "a",
    "an",
    "the",
}


@dataclass(frozen=True, slots=True)
class LeadIn:
    """The line before a list, without its colon. One that states nothing only names the topic."""

    text: str = ""
    topic: str = ""
    given: bool = False
    states_nothing: bool = True


NO_LEAD_IN = LeadIn()


def lead_in(text: str, subject: str) -> LeadIn:
    """Reads the line before a list."""
    bare = text.rstrip(" :：")
    about = _ABOUT.search(bare, max(0, len(bare) - SUBJECT_CHARS_MAX))
    if not bare or len(bare) > LEAD_IN_CHARS_MAX or _NOTHING.match(bare):
        return LeadIn("", about[1] if about else subject, True, True)
    return LeadIn(
        bare, leading_subject(bare) or (bare if len(bare) <= 40 and not is_statement(bare) else ""), True, False
    )


def joined(lead: LeadIn, item: str) -> str:
    """The item with its lead-in; "" if the item states something by itself."""
    if is_statement(item) or not lead.text:
        return ""
    keyed_item = keyed(item, lead.topic)
    if keyed_item and keyed_item != item:
        return keyed_item
    cut = _FOLLOWING.sub("", lead.text)
    last = next(iter(tokens(cut[-40:])[-1:]), None)
    is_open = last is not None and (
        last.lower in _OPEN_ENDS or last.lower in verbs.third_persons() or last.lower in verbs.PAST_ONLY
    )
    if is_open and last is not None and last.lower == "are":
        return sentence(f"{among(cut)} {lowered(item)}")
    if is_open:
        return sentence(f"{cut} {lowered(item)}")
    return sentence(f"{lead.text}: {item}")


def among(opening: str) -> str:
    """The words before one of several: "The planets are" becomes "The planets include"."""
    return re.sub(r"\bare\Z", "include", opening)


def keyed(item: str, topic: str) -> str:
    """What "Height: 330 m" says in a list about the tower: the item itself if not plain, "" if it has no key."""
    found = _KEY.match(item)
    if found is None:
        return ""
    key, value = found[1], found[2]
    words = [token.lower for token in tokens(key)]
    if not topic or not words or len(words) > 4 or is_statement(value) or is_statement(key):
        return item
    if not set(words) & lex.PROPERTIES:
        return f"{key} of {lowered(topic)}: {value}" if value[0].isdigit() else item
    return sentence(f"The {key[0].lower() + key[1:]} of {lowered(topic)} is {lowered(value)}")


def row_text(row: str, header: tuple[str, ...]) -> str:
    """The row as "header: cell; header: cell". Empty cells are left out, cells beyond the header stand alone."""
    parts = []
    for i, cell in enumerate(cells(row)):
        if any(char.isalnum() for char in cell):
            name = header[i][:HEADER_CHARS_MAX] if i < len(header) else ""
            parts.append(f"{name}: {cell}" if name else cell)
    return "; ".join(parts)
