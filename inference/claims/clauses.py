"""Where a sentence falls into clauses that can be true or false on their own.

Two clauses are parted at a semicolon, or at "and", "but" and the like, only where both have a subject and a verb of
their own. Otherwise the sentence stays whole. A sentence over `CLAIM_CHARS_MAX` is cut at clause marks or spaces so
that nothing of it is dropped. Linear in the length of the sentence.
"""

import re
from collections.abc import Iterator
from itertools import islice

from inference.claims import lexicon as lex
from inference.claims import verbs
from inference.claims.phrases import Token, is_finite, tokens
from inference.verdict import Span

CLAIM_CHARS_MAX = 1_000  # characters of the response in one claim; longer is no statement anybody can check at once
_CLAUSE_WINDOW_CHARS = 240  # how far behind a conjunction the verb of its clause is looked for
_CLAUSE_WINDOW_TOKENS = 14
_JOINTS_MAX = 40  # conjunctions looked at in one sentence; a sentence with more is no prose, and each look costs

_JOINT = re.compile(r";\s+|(?P<comma>,\s+)?\b(?P<word>and|but|while|whereas|so|yet)\b\s+", re.I)
_CUT = re.compile(r"[,;:，；、](?=\s|\Z)|[，；、。]|\s[—–-]\s")
_ATTRIBUTION = re.compile(
    r"\b(?:said|says?|claim(?:s|ed)?|believe[sd]?|think|thinks|thought|argue[sd]?|state[sd]|report(?:s|ed)|"
    r"suggest(?:s|ed)|show(?:s|ed)|found|know|knows|knew|that|whether|if|between|both|either|neither)\b",
    re.I,
)
_UNDER = re.compile(
    r"\s*(?:if|when|although|though|because|since|while|whereas|as|unless|once|after|before|even|whether|despite|"
    r"not only|either|neither|both|between)\b",
    re.I,
)
_QUOTES = re.compile(r"[\"“”()]")


def clauses(text: str, span: Span) -> list[Span]:
    """The clauses of the sentence at `span`, each at most `CLAIM_CHARS_MAX` long; together they are the sentence."""
    pieces: list[Span] = []
    for part in _parted(text, span):
        pieces.extend(_bounded(text, part))
    if pieces and pieces[0].end - span.start <= CLAIM_CHARS_MAX:  # markdown at the edges reads as blank here
        pieces[0] = Span(span.start, pieces[0].end)
    if pieces and span.end - pieces[-1].start <= CLAIM_CHARS_MAX:
        pieces[-1] = Span(pieces[-1].start, span.end)
    return pieces


def _parted(text: str, span: Span) -> list[Span]:
    if _UNDER.match(text, span.start, span.end):
        return [span]
    parts, start = [], span.start
    for match in islice(_JOINT.finditer(text, span.start, span.end), _JOINTS_MAX):
        if _is_joint(text, start, match, span.end):
            cut = match.end() if match["word"] is None else match.start("word")
            parts.append(_trimmed(text, start, cut))
            start = cut
    parts.append(_trimmed(text, start, span.end))
    return [part for part in parts if part.end > part.start]


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return (
        Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())) if piece.strip() else Span(end, end)
    )


def _is_joint(text: str, start: int, match: re.Match[str], end: int) -> bool:
    """Whether both sides of the match can stand alone."""
    before = text[max(start, match.start() - CLAIM_CHARS_MAX) : match.start()]
    after = text[match.end() : min(end, match.end() + _CLAUSE_WINDOW_CHARS)]
    if match["word"] and match["word"].lower() in {"while", "whereas", "so", "yet"} and match["comma"] is None:
        return False
    if not _begins_clause(after, bool(match["comma"]) or match["word"] is None):
        return False
    if match["word"] is not None and (_ATTRIBUTION.search(before) or _is_open(before)):
        return False
    return _has_verb(before)


def _is_open(before: str) -> bool:
    """Whether a quotation or bracket is still open at the end of the text."""
    marks = [found.group() for found in _QUOTES.finditer(before)]
    return marks.count('"') % 2 == 1 or marks.count("“") != marks.count("”") or marks.count("(") != marks.count(")")


def _has_verb(text: str) -> bool:
    """Whether there are more finite verbs than clauses that are not the main one."""
    found = tokens(text)
    finite = sum(1 for i in range(len(found)) if is_finite(found, i))
    under = sum(1 for token in found[1:] if token.lower in lex.RELATIVES | {"how", "why", "what"})
    return finite > under


def _begins_clause(after: str, marked: bool) -> bool:
    """Whether a subject and then a verb follow. Without a comma the verb must be beyond doubt."""
    found = tokens(after, _CLAUSE_WINDOW_TOKENS)
    for i in range(1, len(found)):
        if not found[i].is_word or found[i].lower in lex.RELATIVES | lex.SUBORDINATORS:
            return False
        if is_finite(found, i):
            if found[i].lower in verbs.AUXILIARIES | {"cannot"} and not [t for t in found[i + 1 :] if t.lower != "not"]:
                return False  # "but Tom is not": the rest of it is in the clause before
            return _is_subject(found[:i]) and (_is_certain(found, i) or (marked and _names_subject(found[0])))
    return bool(found) and re.match(r"(?:it|he|she|that|there|they|we|you|i)['’]", found[0].text, re.I) is not None


def _names_subject(first: Token) -> bool:
    return (
        first.is_capital
        or first.lower in lex.DETERMINERS
        or not first.text[0].isalpha()
        or first.lower in {"over", "about"}
    )


def _is_subject(found: list[Token]) -> bool:
    first = found[0].lower
    if len(found) > 1 and found[1].text[0].isdigit():
        return True  # "over 1,500 people died"
    return first not in lex.PREPOSITIONS | lex.ADVERBS and found[-1].lower not in lex.PREPOSITIONS


def _is_certain(found: list[Token], i: int) -> bool:
    word = found[i].lower
    return (
        word in verbs.AUXILIARIES | verbs.PAST_ONLY | {"cannot"}
        or "'" in word
        or (word in verbs.third_persons() and verbs.third_persons()[word] not in verbs.AMBIGUOUS)
        or found[0].lower in lex.PRONOUNS
    )


def _bounded(text: str, span: Span) -> Iterator[Span]:
    """The span in pieces of at most `CLAIM_CHARS_MAX`: cut at a clause mark, else a space, else anywhere."""
    start = span.start
    while span.end - start > CLAIM_CHARS_MAX:
        cut = _cut(text, start, start + CLAIM_CHARS_MAX)
        piece = _trimmed(text, start, cut)
        if piece.end > piece.start:
            yield piece
        start = cut
    piece = _trimmed(text, start, span.end)
    if piece.end > piece.start:
        yield piece


def _cut(text: str, start: int, limit: int) -> int:
    half = start + CLAIM_CHARS_MAX // 2
    marks = [match.end() for match in _CUT.finditer(text, half, limit)]
    if marks:
        return marks[-1]
    space = max(text.rfind(" ", half, limit), text.rfind("\n", half, limit))
    return space + 1 if space > 0 else limit
