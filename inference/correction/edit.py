"""A corrected response, and the edits that lead to it. Values only.

Offsets of edits count code points of the original response. Edits are sorted and apart from one another; outside them
the text is untouched, and `applied` gives exactly the corrected text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from inference.verdict import NO_TOKENS, Span, Tokens


@dataclass(frozen=True, slots=True)
class Edit:
    """`response[span.start:span.end]` gives way to `replacement`, "" where it is only removed.

    `claims` are the numbers, from 0, of the claims on whose account; `reason` is a sentence for a person. `original` is
    what stood there; `corrected_by` fills it in.
    """

    span: Span
    replacement: str
    claims: tuple[int, ...]
    reason: str
    original: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """The response with `edits` applied. `tokens` is what language models read and wrote for it."""

    text: str
    edits: tuple[Edit, ...]
    tokens: Tokens = NO_TOKENS


def corrected_by(response: str, edits: Sequence[Edit]) -> Correction:
    """The correction that `edits` make. Raises ValueError if two of them overlap or one lies outside."""
    ordered = tuple(sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)))
    if ordered and not (ordered[0].span.start >= 0 and ordered[-1].span.end <= len(response)):
        raise ValueError("an edit lies outside of the response")
    if any(one.span.end > other.span.start for one, other in pairwise(ordered)):
        raise ValueError("two edits overlap")
    known = tuple(replace(edit, original=response[edit.span.start : edit.span.end]) for edit in ordered)
    return Correction(applied(response, known), known)


def applied(response: str, edits: Sequence[Edit]) -> str:
    """`response` with sorted `edits` made."""
    pieces, at = [], 0
    for edit in edits:
        pieces += [response[at : edit.span.start], edit.replacement]
        at = edit.span.end
    return "".join([*pieces, response[at:]])


def moved(edits: Sequence[Edit], at: int) -> int:
    """Where place `at` of the response stands in the corrected text; a place inside an edit moves to its end there."""
    shift = 0
    for edit in edits:
        if edit.span.end <= at:
            shift += len(edit.replacement) - (edit.span.end - edit.span.start)
        elif edit.span.start < at:
            return edit.span.start + shift + len(edit.replacement)
        else:
            break
    return at + shift


def moved_back(edits: Sequence[Edit], at: int) -> int:
    """Where place `at` of the corrected text stood in the response; a place inside a replacement: where its edit
    begins."""
    shift = 0
    for edit in edits:
        begin = edit.span.start + shift
        if at < begin:
            break
        if at < begin + len(edit.replacement):
            return edit.span.start
        shift += len(edit.replacement) - (edit.span.end - edit.span.start)
    return at - shift
