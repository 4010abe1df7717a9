"""What is denied in a sentence: the words in the scope of "not", "never", "without", "it is a myth that" and so on.

A cue denies what follows it up to the end of its clause. Two cues over one word cancel out. "not all" and "not always"
deny a whole, not the statement: they are reported as partial. "not only" and "no more than" deny nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.alignment.tokens import Kind, Token
from inference.judges.alignment.vocabulary import word_set

_CUES = word_set(
    "not never no none without cannot nor neither nobody nothing nowhere unable hardly scarcely devoid non lacks lack "
    "lacking unlike except excluding"
)
_BEFORE_TO = word_set("fail fails failed failing refuse refuses refused unable decline declines declined forget forgot")
_PHRASES = (
    ("rather", "than"),
    ("instead", "of"),
    ("free", "of"),
    ("free", "from"),
    ("far", "from"),
    ("yet", "to"),
    ("other", "than"),
    ("apart", "from"),
)
_HARMLESS = word_set(
    "only just merely necessarily doubt matter sooner until less fewer more exceeding least mention longer-than"
)
_PARTIAL = word_set("all every always everyone everything everybody both entirely completely")
_TO_COMMA = word_set("without unlike except excluding apart rather instead")

_NUMBERING = re.compile(
    r"\s*(?:(?:section|article|clause|§|item|rule)\s?)?(?:\d{1,3}[.):]?){1,4}\s(?=[A-Z])|\s*[-*•]\s", re.I
)
_OPENINGS_TRUE = re.compile(
    r"\s*(?:contrary to (?:popular|common|widespread) (?:belief|opinion|myth)s?,?\s"
    r"|(?:it is|it's) (?:true|a fact|known|well known|widely known|well established|correct|certain|clear) that\s"
    r"|(?:it has been|it is) (?:scientifically )?(?:proven|shown|established|confirmed) that\s"
    r"|the (?:truth|fact|answer|reality) is(?: that)?\s"
    r"|(?:according to|as stated in|as per|based on) (?:the|this) [\w ]{1,40}, "
    r"|(?:the|this) (?:\w+ ){0,2}(?:document|contract|agreement|text|passage|article|invoice|record|policy|section"
    r"|clause|report|page|letter|lease|email|handbook|excerpt) (?:clearly |also |explicitly )?"
    r"(?:says|states|mentions|specifies|claims|indicates|shows|confirms|notes|stipulates|provides)(?: that)?:?\s)",
    re.I,
)
_OPENINGS_FALSE = re.compile(
    r"\s*(?:it is|it's|it was) (?:(?:simply|just|completely|also) )?(?:false|untrue|incorrect|wrong|not true"
    r"|not the case|not correct|a (?:common |popular )?(?:myth|misconception|lie|hoax))"
    r"(?: to say| to claim)? that\s"
    r"|\s*(?:it isn't|it is not) (?:true|correct|the case) that\s"
    r"|\s*(?:there is|there's) no (?:scientific |good |reliable |credible )?(?:evidence|proof) that\s",
    re.I,
)
_CLOSINGS_FALSE = re.compile(
    r",?\s(?:is|are) (?:(?:simply|just|completely) )?(?:false|untrue|incorrect|not true|not correct|a myth"
    r"|a common myth|a popular myth|a misconception|a common misconception|a hoax)\s*[.!]?\s*$",
    re.I,
)
_CLAIM_WORDS = re.compile(r"\s*the (?:claim|idea|belief|notion|statement|myth|theory) that\s", re.I)
_CLOSING_CHARS = 60


@dataclass(frozen=True, slots=True)
class Frame:
    """The stretch of a sentence that is stated, and whether the words around it deny it."""

    start: int
    end: int
    denied: bool


def frame(text: str) -> Frame:
    """Takes "It is a myth that", "The document says that" and the like off a sentence."""
    start, end, denied = 0, len(text), False
    numbering = _NUMBERING.match(text)
    if numbering and (text[:1].isalpha() or not text[: numbering.end()].strip().isdigit()):
        start = numbering.end()
    for pattern, flips in (
        (_OPENINGS_TRUE, False),
        (_OPENINGS_FALSE, True),
        (_OPENINGS_TRUE, False),
        (_CLAIM_WORDS, False),
    ):
        match = pattern.match(text, start)
        if match:
            start, denied = match.end(), denied != flips
    closing = _CLOSINGS_FALSE.search(text, max(start, len(text) - _CLOSING_CHARS))
    if closing and _whole_statement(text[start : closing.start()]):
        end, denied = closing.start(), not denied
    return Frame(start, end, denied)


_STATES = re.compile(r"\b(?:is|are|was|were|can|has|have|does|do|will|causes?|cures?)\b", re.I)


def _whole_statement(text: str) -> bool:
    """ "That the earth is flat is a myth" denies a statement, "The story is a myth" does not."""
    return _STATES.search(text) is not None


def is_cue(tokens: Sequence[Token], at: int) -> bool:
    """Whether a denial begins at this token."""
    word, following = tokens[at].lower, _following(tokens, at)
    if tokens[at].kind is not Kind.WORD:
        return False
    if (word, following) in _PHRASES:
        return True
    if word == "too":
        return any(t.lower == "to" for t in tokens[at + 2 : at + 4])  # "too narrow to be seen"
    if word == "lack" and following == "of":
        return False
    if word in _BEFORE_TO:
        return following == "to" or word == "unable"
    if word == "nor":
        return not any(t.lower == "neither" for t in tokens[:at])
    if word not in _CUES and not word.endswith("n't"):
        return False
    return following not in _HARMLESS and not (word == "no" and following in {".", ":", "="})


def is_partial(tokens: Sequence[Token], at: int) -> bool:
    """ "not all", "not always": denied of the whole only."""
    return tokens[at].lower in {"not", "cannot", "n't"} and _following(tokens, at) in _PARTIAL


def _following(tokens: Sequence[Token], at: int) -> str:
    return tokens[at + 1].lower if at + 1 < len(tokens) else ""


def _scope_end(tokens: Sequence[Token], at: int) -> int:
    if tokens[at].lower == "non":
        return at + 3  # the hyphen and the word
    clause, to_comma = tokens[at].clause, tokens[at].lower in _TO_COMMA
    bracketed = at > 0 and tokens[at - 1].lower == "," and tokens[at].lower == "not"
    end = at + 1
    while end < len(tokens) and tokens[end].clause == clause:
        if tokens[end].lower == "," and (to_comma or bracketed):
            break
        end += 1
    return end


def mark_negation(tokens: Sequence[Token], denied: bool) -> bool:
    """Fills in `negated`. Returns whether a partial denial ("not all") is among the cues."""
    partial = False
    for token in tokens:
        token.negated = denied and not token.subject
    for at, token in enumerate(tokens):
        if not is_cue(tokens, at):
            continue
        if is_partial(tokens, at):
            partial = True
            continue
        if token.lower == "no" and _following(tokens, at) == "longer":
            tokens[at + 1].weight = 0.0
        if at and token.lower in {"not", "never"} and tokens[at - 1].verb and not tokens[at - 1].content:
            tokens[at - 1].negated = not tokens[at - 1].negated  # "may not"
        begin = at + 3 if token.lower == "too" else at + 1
        for denied_token in tokens[begin : _scope_end(tokens, at)]:
            denied_token.negated = not denied_token.negated
        token.weight = 0.0
    return partial
