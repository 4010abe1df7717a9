"""What a corrected text says when it is read anew, and what of it has to go yet. Pure.

A claim of the corrected text belongs to what was put in its place, or to the claims of the response that stand there.
"""

from collections.abc import Sequence
from dataclasses import replace

from inference.correction.draft import LOST_ITS_TEXT, NOT_CONFIRMED, Draft, Removal
from inference.correction.edit import Correction, Edit, moved, moved_back
from inference.correction.nouns import noun_put_back
from inference.correction.outline import Outline
from inference.text.sentences import sentences
from inference.verdict import Claim, Span


class LookOver:
    """A corrected text beside the draft that led to it. `claims` are those of the text, read anew."""

    def __init__(self, of: Outline, draft: Draft, correction: Correction, claims: Sequence[Claim]) -> None:
        self._of = of
        self._draft = draft
        self._edits = correction.edits
        self._text = correction.text
        self.claims = claims
        self._staying = [
            (number, Span(moved(self._edits, span.start), moved(self._edits, span.end)))
            for number, span in enumerate(draft.claims)
            if number not in draft.gone
        ]
        made = {edit.span for edit in self._edits if edit.replacement}
        self._swaps = [(swap, self._place_of(swap)) for swap in draft.swaps if swap.span in made]

    def _place_of(self, swap: Edit) -> Span:
        end = moved(self._edits, swap.span.end)
        return Span(end - len(swap.replacement), end)

    def with_nouns(self, originals: Sequence[Claim], known: Sequence[bool]) -> Draft | None:
        """The draft with nouns in the place of pronouns that lost theirs; None if there is none to put back.

        `originals` are the claims of the response; `known` says of each claim of the text whether it reads as before.
        Where two follow one another only the first gets its noun: the second may find it there.
        """
        found: list[Edit] = []
        just_put = False
        for claim, reads_as_before in zip(self.claims, known, strict=True):
            edit = None if reads_as_before or just_put else self._noun(claim, originals)
            just_put = edit is not None
            if edit is not None:
                found.append(edit)
        if not found:
            return None
        return replace(self._draft, swaps=(*self._draft.swaps, *found))

    def _noun(self, claim: Claim, originals: Sequence[Claim]) -> Edit | None:
        owners = self._owners(claim.span)
        if len(owners) != 1:
            return None
        now = self._text[claim.span.start : claim.span.end]
        edit = noun_put_back(self._of, self._draft, owners[0], originals[owners[0]], now)
        still_meant = edit is not None and claim.text.lower().startswith(edit.replacement.lower())
        return None if still_meant else edit  # what reads differently is something else in it

    def without(self, failing: Sequence[Claim], reasons: dict[int, str]) -> Draft | None:
        """The draft without what these claims of the text say, and without what was put in and claims nothing.

        None if there is nothing to take out. `reasons` are those of the claims of the response that failed at first.
        """
        gone: dict[int, str] = {}
        stretches: list[Removal] = []
        for swap in self._claimless():
            gone |= {number: reasons.get(number, LOST_ITS_TEXT) for number in swap.claims}
        for claim in failing:
            put_in = [number for swap, place in self._swaps if _touch(place, claim.span) for number in swap.claims]
            owners = put_in or self._owners(claim.span)
            gone |= {number: reasons.get(number, LOST_ITS_TEXT) for number in owners}
            if not owners:
                place = Span(moved_back(self._edits, claim.span.start), moved_back(self._edits, claim.span.end - 1) + 1)
                stretches.append(Removal(place, (), NOT_CONFIRMED))
        if not gone and not stretches:
            return None
        draft = self._draft.without(gone)
        return replace(draft, stretches=(*draft.stretches, *stretches))

    def _owners(self, span: Span) -> list[int]:
        return [number for number, place in self._staying if _touch(place, span)]

    def _claimless(self) -> list[Edit]:
        """What was put in and has a sentence that nothing judged: an order, a greeting, a question."""
        return [swap for swap, place in self._swaps if not all(map(self._is_claimed, _sentences_in(swap, place)))]

    def _is_claimed(self, sentence: Span) -> bool:
        return any(_touch(claim.span, sentence) for claim in self.claims)


def _sentences_in(swap: Edit, place: Span) -> list[Span]:
    return [Span(place.start + one.start, place.start + one.end) for one in sentences(swap.replacement)]


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
