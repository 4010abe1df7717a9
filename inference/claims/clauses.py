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
from inference.claims.phrases import Token, is_adverb, is_finite, tokens
from inference.verdict import Span

CLAIM_CHARS_MAX = 1_000  # characters of the response in one claim; longer is no statement anybody can check at once
_CLAUSE_WINDOW_CHARS = 240  # how far behind a conjunction the verb of its clause is looked for
_CLAUSE_WINDOW_TOKENS = 14
_JOINTS_MAX = 40  # conjunctions looked at in one sentence; a sentence with more is no prose, and each look costs

_JOINT = re.compile(r"\s?;\s+|(?P<comma>\s?,\s+)?\b(?P<word>and|but|yet)\b\s+", re.I)
_CUT = re.compile(r"[,;:，；、](?=\s|\Z)|[，；、。]|\s[—–-]\s")
_ATTRIBUTION = re.compile(
    r"\b(?:said|says?|saying|claim(?:s|ed)?|believe[sd]?|think|thinks|thought|argue[sd]?|state[sd]|report(?:s|ed)|"
    r"suggest(?:s|ed)|show(?:s|ed)?|found|finds?|know|knows|knew|told|tells?|added|insist(?:s|ed)|announce[sd]|"
    r"admit(?:s|ted)|warn(?:s|ed)|wrote|note[sd]|explain(?:s|ed)|predict(?:s|ed)|expect(?:s|ed)|estimate[sd]|"
    r"reveal(?:s|ed)|discover(?:s|ed)|conclude[sd]|den(?:y|ies|ied)|agree[sd]|hope[sd]?|fear(?:s|ed)|promise[sd]|"
    r"complain(?:s|ed)|feels?|felt|according to|that|whether|if|between|both|either|neither)\b",
    re.I,
)
# A condition or reason may hold for all that follows in the sentence.
_CONDITION = re.compile(r"\b(?:because|unless|when|whenever|until|till|once|provided|although|though|while|so)\b", re.I)
_LOOSE_CONDITION = re.compile(r"\b(?:as|since|after|before|where|which|who|whose)\b", re.I)
_OPENING = re.compile(  # "In 1990," holds for all that follows too
    r"\s*(?:in|on|at|by|from|during|since|after|before|for|with|under|until|within|throughout|despite|according to|"
    r"today|currently|originally|here|there|now|then)\b[^,;]{0,80},",
    re.I,
)
_SUBJECT_PRONOUN = re.compile(r"\b(?:i|he|she|we|they|who|which)\s*\Z", re.I)
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
    if match["word"] and match["word"].lower() == "yet" and match["comma"] is None:
        return False
    if not _begins_clause(after, bool(match["comma"]) or match["word"] is None):
        return False
    if match["word"] is not None and (_ATTRIBUTION.search(before) or _is_open(before)):
        return False
    if _is_bound(before, marked=match["comma"] is not None, parted=match["word"] is None):
        return False
    return _has_verb(before)


def _is_bound(before: str, marked: bool, parted: bool) -> bool:
    """Whether what stands before the joint may hold for what follows as well, or is not yet at its end."""
    if _SUBJECT_PRONOUN.search(before):
        return True
    if parted:
        return False
    if _CONDITION.search(before) or _OPENING.match(before):
        return True
    return not marked and _LOOSE_CONDITION.search(before) is not None


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
        if not found[i].is_word or found[i].lower in lex.RELATIVES | lex.SUBORDINATORS | {"but", "or", "yet"}:
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
    owned = len(found) > 1 and found[-1].lower in lex.PRONOUNS - {"one", "who"}  # "the family he has": a part of a noun
    last = next((token.lower for token in reversed(found) if not is_adverb(token.lower)), "")
    return first not in lex.PREPOSITIONS | lex.ADVERBS and last not in lex.PREPOSITIONS | {"and"} and not owned


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
