"""Cuts claims out of a sentence of which something stays. Pure.

A clause goes with the conjunction and the comma that joined it; the sentence keeps its end mark and its capital.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from inference.correction.outline import Outline
from inference.text.sentences import CLOSERS
from inference.verdict import Span

_END = re.compile(rf"(?:[.!?…。！？]+[{CLOSERS}]*|[{CLOSERS}]+|:[{CLOSERS}]*)\Z")
_JOINT = re.compile(r"[\s,;:–—-]*(?:(?:and|but|yet|so)\b[\s,]*)?", re.I)
_LOOSE = " \t\r\n,;:–—-"  # what no sentence ends in before its end mark


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a sentence with the claim in it, by number; -1 for text in no claim. It stays or it goes."""

    span: Span
    claim: int
    stays: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch that goes, and what has to be put in its place: a capital, or nothing."""

    span: Span
    replacement: str
    claims: tuple[int, ...]


def stretches(unit: Span, claims: Sequence[tuple[int, Span, bool]], rest_stays: bool) -> list[Stretch]:
    """The sentence parted at its claims, given as number, place and whether it stays. Text before a claim goes with
    it; text after the last one goes with the last, unless `rest_stays`."""
    found, at = [], unit.start
    for number, span, stays in claims:
        end = min(unit.end, span.end)
        if end > at:
            found.append(Stretch(Span(at, end), number, stays))
            at = end
    if at < unit.end and found:
        if rest_stays:
            found.append(Stretch(Span(at, unit.end), -1, True))
        else:
            last = found[-1]
            found[-1] = Stretch(Span(last.span.start, unit.end), last.claim, last.stays)
    return found


def clause_cuts(of: Outline, unit: Span, parts: Sequence[Stretch], taken: Container[int]) -> list[Cut]:
    """What to cut so that of `parts` only those stay that do. At least one stays. Letters at the places `taken` get no
    capital: something else is put there."""
    found, at = [], 0
    while at < len(parts):
        if parts[at].stays:
            at += 1
            continue
        end = at
        while end < len(parts) and not parts[end].stays:
            end += 1
        gone = tuple(part.claim for part in parts[at:end] if part.claim >= 0)
        if at == 0:
            found.append(_front(of, unit, parts[end].span, gone, taken))
        elif end == len(parts):
            found.append(_back(of, unit, parts[at - 1].span, gone))
        else:
            found.append(Cut(Span(parts[at].span.start, parts[end].span.start), "", gone))
        at = end
    return found


def _front(of: Outline, unit: Span, kept: Span, gone: tuple[int, ...], taken: Container[int]) -> Cut:
    """The beginning goes: what is kept loses its conjunction and begins with a capital if the sentence did."""
    joint = _JOINT.match(of.masked, kept.start, kept.end)
    start = joint.end() if joint else kept.start
    letter = of.response[start : start + 1]
    if start not in taken and letter.islower() and _first_letter(of, unit).isupper() and len(letter.upper()) == 1:
        return Cut(Span(unit.start, start + 1), letter.upper(), gone)
    return Cut(Span(unit.start, start), "", gone)


def _first_letter(of: Outline, unit: Span) -> str:
    return next((char for char in of.masked[unit.start : unit.end] if char.isalpha()), "")


def _back(of: Outline, unit: Span, kept: Span, gone: tuple[int, ...]) -> Cut:
    """The end goes, all but its mark; what is kept loses the comma or the dash before it."""
    mark = _END.search(of.masked, kept.end, unit.end)
    said = of.response[kept.start : kept.end]
    start = kept.start + len(said.rstrip(_LOOSE))
    return Cut(Span(start, max(start, mark.start() if mark else unit.end)), "", gone)
