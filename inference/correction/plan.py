"""From a draft to the edits that carry it out: whole blocks by their lines, sentences with the space behind them,
clauses with what joined them. Pure.

Numbers of a numbered list stay as they are: Markdown counts anew by itself, and other text may name them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from inference.claims.markup import Kind
from inference.correction.clause_cuts import clause_cuts, stretches
from inference.correction.draft import Draft, Removal
from inference.correction.dress import Halves, closes_another, halves_of, without_halves
from inference.correction.edit import Correction, Edit, corrected_by
from inference.correction.fates import Fate, fates
from inference.correction.line_cuts import line_cuts, moved_up
from inference.correction.outline import Outline
from inference.verdict import Span


def carried_out(of: Outline, draft: Draft) -> Correction:
    """The response with the draft carried out. It is empty where no claim stays and there is no code either."""
    if not draft.gone and not draft.stretches and not draft.swaps:
        return Correction(of.response, ())
    if len(draft.gone) == len(draft.claims) and not any(part.kind is Kind.CODE for part in of.parts):
        return nothing_left(of.response, draft.claims, draft.gone.values())
    found = fates(of, draft)
    of_part = {number: list(inside) for number, inside in groupby(found, key=lambda fate: fate.part)}
    whole = {number: inside for number, inside in of_part.items() if all(fate.gone for fate in inside)}
    edits = [*line_cuts(of, whole), *moved_up(of, whole)]
    starts = {swap.span.start for swap in draft.swaps}
    for number, inside in of_part.items():
        if number not in whole and any(fate.cut or fate.gone for fate in inside):
            edits += _within_part(of, number, inside, draft, starts)
    return corrected_by(of.response, [*edits, *_untouched(draft.swaps, edits)])


def nothing_left(response: str, claims: Sequence[Span], reasons: Iterable[str]) -> Correction:
    """The correction that removes everything."""
    said = " ".join(["No claim is left.", *dict.fromkeys(reasons)])
    return corrected_by(response, [Edit(Span(0, len(response)), "", tuple(range(len(claims))), said)])


def _within_part(
    of: Outline, number: int, inside: Sequence[Fate], draft: Draft, swap_starts: set[int]
) -> Iterator[Edit]:
    """The edits of a block of which something stays. Of a pair of marks the half that would be left alone stays."""
    halves = halves_of(of.response, of.masked, of.parts[number].span)
    for removal, replacement in [*_sentences(inside, halves), *_clauses(of, inside, draft, swap_starts)]:
        pieces = without_halves(removal.span, halves)
        for piece in pieces:
            put = replacement if piece is pieces[-1] else ""
            yield Edit(piece, put, removal.claims, removal.reason)


def _sentences(inside: Sequence[Fate], halves: Halves) -> Iterator[tuple[Removal, str]]:
    """Runs of sentences that go, with the white space between them and what follows, or else what comes before.

    A mark that closes what began before the run stays, and then right behind the sentence before.
    """
    at = 0
    while at < len(inside):
        if not inside[at].gone:
            at += 1
            continue
        end = at
        while end < len(inside) and inside[end].gone:
            end += 1
        run = Span(inside[at].unit.start, inside[end - 1].unit.end)
        if at > 0 and (end == len(inside) or closes_another(run, halves)):
            run = Span(inside[at - 1].unit.end, run.end)
        elif end < len(inside):
            run = Span(run.start, inside[end].unit.start)
        yield removal_of(run, inside[at:end]), ""
        at = end


def _clauses(of: Outline, inside: Sequence[Fate], draft: Draft, swap_starts: set[int]) -> Iterator[tuple[Removal, str]]:
    for fate in inside:
        if fate.gone or not fate.cut:
            continue
        claims = sorted(
            [(n, draft.claims[n], True) for n in fate.kept] + [(n, draft.claims[n], False) for n in fate.cut]
        )
        parts = stretches(fate.unit, claims, rest_stays=not fate.kept)
        for cut in clause_cuts(of, fate.unit, parts, swap_starts):
            reasons = [draft.gone[n] for n in cut.claims]
            yield Removal(cut.span, cut.claims, " ".join(dict.fromkeys(reasons))), cut.replacement


def removal_of(span: Span, gone: Sequence[Fate]) -> Removal:
    """One removal on account of all these sentences."""
    claims = sorted({claim for fate in gone for claim in fate.cut})
    return Removal(span, tuple(claims), " ".join(dict.fromkeys(reason for fate in gone for reason in fate.reasons)))


def _untouched(swaps: Sequence[Edit], edits: Sequence[Edit]) -> list[Edit]:
    return [swap for swap in swaps if not any(_touch(swap.span, edit.span) for edit in edits)]


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
