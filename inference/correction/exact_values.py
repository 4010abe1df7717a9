"""The value that the evidence has in the place of a wrong one: "1932" for "1958". Pure.

Only where the rules of `judges/alignment` find a sentence that says all of the claim but one date, number or name, and
the wrong one stands in the claim once. It is a proposal: whoever makes it judges the claim again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from inference.correction.draft import REFUTED, Draft
from inference.correction.edit import Edit
from inference.judges.alignment.aligned_case import DIFFERS, Alignment
from inference.judges.alignment.aligner import align_sentence
from inference.judges.alignment.conflicts import NAMED
from inference.judges.alignment.passage_reading import read_passage
from inference.judges.alignment.statement import Statement, read_statement
from inference.judges.alignment.tokens import Kind
from inference.verdict import ClaimVerdict, Evidence, Label, SourceKind, Span

_YEAR = re.compile(r"\b[12]\d{3}\b")
_YEAR_ALONE = re.compile(r"[12]\d{3}")
VALUE_CHARS_MAX = 60  # a longer stretch is no value


def with_exact_values(response: str, draft: Draft, judged: Sequence[ClaimVerdict]) -> Draft:
    """The draft in which claims stay whose wrong value gives way to the evidence's."""
    found = [exact_value(response, number, judged[number]) for number in draft.gone]
    swaps = tuple(swap for swap in found if swap is not None)
    staying = {number for swap in swaps for number in swap.claims}
    gone = {number: reason for number, reason in draft.gone.items() if number not in staying}
    return replace(draft, gone=gone, swaps=(*draft.swaps, *swaps))


def exact_value(response: str, number: int, item: ClaimVerdict) -> Edit | None:
    """The edit that puts the evidence's value in the place of the one in claim `number`, if both are known exactly.

    A value that the source has elsewhere is left: "18 months" may be right and the rest of the claim wrong."""
    if item.judgement.label is not Label.REFUTED:
        return None
    span = item.claim.span
    said = response[span.start : span.end]
    for wrong, right in _values(item):
        at = said.find(wrong)
        if at >= 0 and _is_whole(said, at, len(wrong)) and said.find(wrong, at + 1) < 0:
            place = Span(span.start + at, span.start + at + len(wrong))
            return Edit(place, right, (number,), f'{REFUTED} It says "{right}".')
    return None


def _is_whole(text: str, at: int, length: int) -> bool:
    """Whether no letter or digit runs on into the stretch: "1958" of "1958", not of "19587"."""
    around = text[max(0, at - 1) : at] + text[at + length : at + length + 1]
    return not any(char.isalnum() for char in around)


def _values(item: ClaimVerdict) -> Iterator[tuple[str, str]]:
    claim = read_statement(item.claim.text)
    for evidence in item.judgement.evidence:
        if evidence.label is Label.REFUTED:
            for found in _alignments(claim, evidence):
                pair = _dated_or_counted(found) if found.value is not None else _named(found)
                if pair is not None and _is_plain(*pair, evidence.passage.text):
                    yield pair[0].rstrip("."), _with_case_of(*pair).rstrip(".")


def _is_plain(wrong: str, right: str, source: str) -> bool:
    """Whether the wrong value is nowhere in the source: else it may be right there, of something else."""
    return wrong != right and len(right) <= VALUE_CHARS_MAX and wrong.rstrip(".") not in source


def _with_case_of(wrong: str, right: str) -> str:
    """`right` with a capital if `wrong` has one: it may stand first in its sentence."""
    return right[:1].upper() + right[1:] if wrong[:1].isupper() else right


def _alignments(claim: Statement, evidence: Evidence) -> Iterator[Alignment]:
    """Where a sentence that is quoted, or a smaller statement in it, says all but one thing of the claim."""
    given = evidence.passage.kind is SourceKind.DOCUMENT
    for sentence in read_passage(evidence.passage.text, evidence.passage.title).sentences:
        if sentence.span.start < evidence.span.end and evidence.span.start < sentence.span.end:
            for statement in (sentence.statement, *sentence.views):
                found = align_sentence(claim, statement, sentence.context, given)
                if found.label is Label.REFUTED and found.kind == DIFFERS and not found.missing and not found.hedged:
                    yield found


def _dated_or_counted(found: Alignment) -> tuple[str, str] | None:
    if found.value is None:
        return None
    mine, theirs = found.claim.tokens[found.value.mine], found.evidence.tokens[found.value.theirs]
    wrong, right = mine.text, theirs.text
    if sum(token.kind is mine.kind for token in found.claim.tokens) > 1:
        return None  # "five of the seven": which of them the other value belongs to is not known exactly
    if mine.kind is not Kind.DATE:
        return wrong, right
    if _YEAR_ALONE.fullmatch(wrong):  # "in 1958" takes a year, whatever else is known of the day
        years = _YEAR.findall(right)
        return (wrong, years[0]) if len(years) == 1 else None
    return None if _YEAR_ALONE.fullmatch(right) else (wrong, right)


def _named(found: Alignment) -> tuple[str, str] | None:
    """One whole name against one whole name; not where "the" would have to come or go."""
    conflict = found.conflict
    if conflict is None or conflict.kind != NAMED or found.evidence.tokens[conflict.theirs].name < 0:
        return None
    mine = {found.claim.tokens[at].name for at in conflict.mine}
    if len(mine) != 1 or min(mine) < 0:
        return None
    wrong = found.claim.names[mine.pop()].text
    right = found.evidence.names[found.evidence.tokens[conflict.theirs].name].text
    return wrong, right
