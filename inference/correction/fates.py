"""What becomes of each sentence: it stays, it goes, or a part of it goes. Pure.

A sentence goes when every claim in it goes. What only leads to others goes with them: a heading, the line before a
list, the header of a table, a question that the response asked itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from inference.claims.answers import asks
from inference.claims.markup import Kind
from inference.correction.draft import NOTHING_LEFT, Draft
from inference.correction.outline import Outline, Part
from inference.verdict import Span


@dataclass(slots=True)
class Fate:
    """What becomes of one sentence. `kept` and `cut` are the claims in it, by number."""

    unit: Span
    part: int
    kept: list[int] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    gone: bool = False

    @property
    def claims(self) -> tuple[int, ...]:
        return tuple(self.cut)

    @property
    def reason(self) -> str:
        return " ".join(dict.fromkeys(self.reasons))

    def go(self, reason: str, claims: Sequence[int] = ()) -> None:
        self.gone = True
        self.reasons.append(reason)
        self.cut += [number for number in claims if number not in self.cut]


def fates(of: Outline, draft: Draft) -> list[Fate]:
    """The fate of every sentence, in their order. Takes time linear in claims and sentences."""
    found = [Fate(unit, part) for unit, part in of.places]
    _give_claims(found, draft)
    for fate in found:
        fate.gone = bool(fate.cut) and (not fate.kept or _entangled(fate, draft))
    for stretch in draft.stretches:
        for fate in found:
            if _touch(fate.unit, stretch.span):
                fate.go(stretch.reason, stretch.claims)
    _Leads(of, found).settle()
    return found


def _give_claims(found: Sequence[Fate], draft: Draft) -> None:
    at = 0
    for number, span in enumerate(draft.claims):
        while at < len(found) and found[at].unit.end <= span.start:
            at += 1
        for fate in found[at:]:
            if fate.unit.start >= span.end:
                break
            if number in draft.gone:
                fate.cut.append(number)
                fate.reasons.append(draft.gone[number])
            else:
                fate.kept.append(number)


def _entangled(fate: Fate, draft: Draft) -> bool:
    """Whether a claim that goes shares words with one that would stay. Claims cut by rules never do."""
    return any(_touch(draft.claims[gone], draft.claims[kept]) for gone in fate.cut for kept in fate.kept)


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


class _Leads:
    """Finds the sentences that only lead to others which are all gone."""

    def __init__(self, of: Outline, found: Sequence[Fate]) -> None:
        self._of = of
        self._of_part: list[list[Fate]] = [[] for _ in of.parts]
        for fate in found:
            self._of_part[fate.part].append(fate)

    def settle(self) -> None:
        """From the last to the first, so that a heading over a list that lost its lead-in goes too."""
        for number in range(len(self._of.parts) - 1, -1, -1):
            inside = self._of_part[number]
            for at in range(len(inside) - 1, -1, -1):
                if not inside[at].kept:
                    self._settle(number, at)

    def _settle(self, number: int, at: int) -> None:
        fate = self._of_part[number][at]
        text = self._of.masked[fate.unit.start : fate.unit.end]
        if self._of.parts[number].level:
            self._go_with(fate, self._sentences_of(self._section(number)))
        elif asks(text):
            self._go_with(fate, self._answer(number, at))
        elif at == len(self._of_part[number]) - 1 and text.rstrip("*_ \ufdd0").endswith((":", "：")):
            led = self._sentences_of(self._list(number))
            self._go_with(fate, led)
            if led and not all(one.gone for one in led):
                fate.gone = False  # of "Yes, for these reasons:" only the "Yes" goes while reasons stay

    def _go_with(self, fate: Fate, led: Sequence[Fate]) -> None:
        if led and not fate.gone and all(one.gone for one in led):
            fate.go(NOTHING_LEFT, [claim for one in led for claim in one.cut])

    def _answer(self, number: int, at: int) -> list[Fate]:
        """The sentence behind a question; the first of the next part if the question ends its own."""
        inside, following = self._of_part[number], at + 1
        if following == len(inside) and number + 1 < len(self._of.parts) and not self._of.parts[number + 1].level:
            inside, following = self._of_part[number + 1], 0
        return inside[following : following + 1]

    def _section(self, number: int) -> list[int]:
        """The parts under a heading."""
        found, level = [], self._of.parts[number].level
        for below in range(number + 1, len(self._of.parts)):
            if 0 < self._of.parts[below].level <= level:
                break
            found.append(below)
        return found

    def _list(self, number: int) -> list[int]:
        """The parts of the list or table that a line leads to."""
        lead = self._of.parts[number]
        found = []
        for below in range(number + 1, len(self._of.parts)):
            if not _belongs(lead, self._of.parts[below]):
                break
            found.append(below)
        return found

    def _sentences_of(self, numbers: Sequence[int]) -> list[Fate]:
        """The sentences of these parts; none if one of the parts has none, as code has, for that is never removed."""
        if any(not self._of_part[number] for number in numbers):
            return []
        return [fate for number in numbers for fate in self._of_part[number]]


def _belongs(lead: Part, below: Part) -> bool:
    if below.kind is Kind.ITEM:
        return lead.kind is not Kind.ITEM or below.indent > lead.indent
    return below.kind is Kind.ROW and lead.kind is not Kind.ITEM
