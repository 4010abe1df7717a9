"""What a judge has to be better than: flagging everything, counting shared words, reading the claim alone.

What a baseline has to learn it learns from the folder `train/` once, for all sets; without that folder it gives no
opinion where it would have needed one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.text.words import stem
from training.evaluation.claim_only import ClaimOnly
from training.evaluation.measures import balanced_accuracy, mean
from training.evaluation.records import Record, files_of, read, sample

ALWAYS_FLAG = "always-flag"
WORD_OVERLAP = "word-overlap"
CLAIM_ONLY = "claim-only"
NAMES = (ALWAYS_FLAG, WORD_OVERLAP, CLAIM_ONLY)

THRESHOLD_RECORDS_MAX = 500  # of each training set, so that a large one does not choose the threshold alone
_THRESHOLD_STEPS = 50
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")  # "1,500" and "3.5" are one
_LISTED = (
    "a an the and or but nor so yet if then than as of in on at to for from by with about into over under between "
    "after before during until since is are was were be been being am do does did done doing has have had having "
    "will would shall should can could may might must not no yes it its he him his she her hers they them their "
    "theirs we us our ours you your yours i me my mine this that these those there here who whom whose which what "
    "when where why how all any both each more most other some such only own same too very just also s t"
)
_FUNCTION_WORDS = frozenset(_LISTED.split())


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one judge or baseline says of records, in their order. `flagged` is None if it has no threshold."""

    doubt: list[float]
    flagged: list[bool] | None


@dataclass(frozen=True, slots=True)
class Baselines:
    """The baselines, with what they learned."""

    overlap_threshold: float | None = None
    claim_only: ClaimOnly | None = None

    def opinions(self, records: Sequence[Record]) -> dict[str, Opinion]:
        """What each baseline that has an opinion says of `records`."""
        found = {ALWAYS_FLAG: Opinion([1.0] * len(records), [True] * len(records))}
        overlaps = [overlap(record) for record in records]
        at = self.overlap_threshold
        found[WORD_OVERLAP] = Opinion([1 - o for o in overlaps], None if at is None else [o < at for o in overlaps])
        if self.claim_only is not None:
            doubts = self.claim_only.doubts([record.response for record in records])
            found[CLAIM_ONLY] = Opinion(doubts, [doubt > 0.5 for doubt in doubts])
        return found


def learned_from(folder: Path) -> Baselines:
    """The baselines, taught by the sets in `folder`. Deterministic. Raises ValueError for what is no record."""
    sets = [read(path) for path in files_of(folder).values()]
    records = [record for one in sets for record in one]
    if len({record.unsupported for record in records}) < 2:
        return Baselines()
    return Baselines(
        overlap_threshold=best_threshold([[r for r in one if r.document is not None] for one in sets]),
        claim_only=ClaimOnly([r.response for r in records], [r.unsupported for r in records]),
    )


def overlap(record: Record) -> float:
    """The share of the response's content words and numbers that the document has too.

    0 without a document: nothing is found there. 1 for a response without such words: none of it is missing.
    """
    if record.document is None:
        return 0.0
    said = _content(record.response)
    return len(said & _content(record.document)) / len(said) if said else 1.0


def best_threshold(sets: Sequence[Sequence[Record]]) -> float | None:
    """The overlap below which to flag: the lowest of those best in balanced accuracy, on average over the sets.

    None if no set has both classes.
    """
    scored = [
        ([overlap(record) for record in chosen], [record.unsupported for record in chosen])
        for chosen in (sample(one, THRESHOLD_RECORDS_MAX) for one in sets)
    ]
    candidates = [step / _THRESHOLD_STEPS for step in range(1, _THRESHOLD_STEPS + 1)]
    found = {at: accuracy for at in candidates if (accuracy := _accuracy_at(scored, at)) is not None}
    return max(found, key=found.__getitem__) if found else None


def _accuracy_at(scored: Sequence[tuple[list[float], list[bool]]], threshold: float) -> float | None:
    """The mean balanced accuracy over the sets; None if no set has both classes."""
    return mean([balanced_accuracy(unsupported, [o < threshold for o in overlaps]) for overlaps, unsupported in scored])


def _content(text: str) -> set[str]:
    return {stem(word) for word in _WORD.findall(text) if word.lower() not in _FUNCTION_WORDS}
