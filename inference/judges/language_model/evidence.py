"""Which of a judge's quotes are there. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.language_model.answer import Opinion
from inference.judges.language_model.case import Case
from inference.judges.language_model.quotes import find_quote
from inference.judges.language_model.schema import NOT_FOUND_BYTES_MAX
from inference.text.shorten import shorten_to_bytes
from inference.verdict import Basis, Evidence, Label


@dataclass(frozen=True, slots=True)
class Checked:
    """An opinion whose quotes were looked for. `found` is empty for NOT_ENOUGH_EVIDENCE; `missing` are those that stand
    in no passage."""

    opinion: Opinion
    found: tuple[Evidence, ...]
    missing: tuple[str, ...]

    @property
    def unproven(self) -> bool:
        """Whether it decides without anything to show for it."""
        decided = self.opinion.label is not Label.NOT_ENOUGH_EVIDENCE
        return decided and self.opinion.basis is Basis.EVIDENCE and not self.found

    @property
    def doubtful(self) -> bool:
        """Whether it has to be judged again."""
        return self.unproven or bool(self.missing)


def checked(opinion: Opinion, case: Case) -> Checked:
    """`opinion` with its quotes as they stand in the passages of `case`."""
    found: dict[tuple[str, int, int], Evidence] = {}
    missing: list[str] = []
    for name, quote in opinion.quotes:
        named = case.passage_named(name)
        candidates = [named, *case.passages] if named else list(case.passages)
        place = find_quote(quote, candidates[0], candidates[1:]) if candidates else None
        if place is None:
            missing.append(quote)
        else:
            passage, span = place
            found.setdefault((passage.id, span.start, span.end), Evidence(passage, span, opinion.label))
    decided = opinion.label is not Label.NOT_ENOUGH_EVIDENCE
    return Checked(opinion, tuple(found.values()) if decided else (), tuple(missing))


def without_missing(item: Checked) -> Checked:
    """The last word on a claim that was judged again: what is still not there is not shown."""
    return Checked(item.opinion, item.found, ())


def quotes_not_found(doubtful: Sequence[Checked]) -> dict[int, tuple[str, ...]]:
    """By the number that each of `doubtful` has when they are asked again."""
    return {
        number: tuple(shorten_to_bytes(quote, NOT_FOUND_BYTES_MAX) for quote in item.missing)
        for number, item in enumerate(doubtful, 1)
    }
