"""The figures of one data set, and their mean over the sets. Pure.

An answer without a score, because there was nothing to check or nothing could be said, counts as a score of 0.5 and is
counted beside; whether it is flagged is what the server said. Baselines are measured on the records that were answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.figures import percentile
from inference.verdict import Verdict
from training.evaluation import measures
from training.evaluation.asking import Answer, Asked
from training.evaluation.baselines import NAMES, Baselines, Opinion

NO_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class Quality:
    """How well one judge or baseline tells unsupported responses from others."""

    balanced_accuracy: float | None = None
    auroc: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of a set, of a part of one, or their mean."""

    name: str
    n: int
    judge: Quality
    ece: float | None
    f1: float | None
    three_way: float | None
    nothing_to_check: float | None
    no_score: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    baselines: dict[str, Quality]


def rows_of(name: str, asked: Asked, baselines: Baselines) -> list[Row]:
    """The row of a set, and one more for each of its parts if it has several."""
    subsets = sorted({a.record.subset for a in asked.answers if a.record.subset is not None})
    parts = [(f"{name}/{subset}", _part(asked, subset)) for subset in subsets] if len(subsets) > 1 else []
    return [_row(label, one, baselines) for label, one in [(name, asked), *parts]]


def mean_row(rows: Sequence[Row]) -> Row:
    """The mean of every figure over the sets that have it, each set counting once; numbers of records are summed."""
    return Row(
        name="mean",
        n=sum(row.n for row in rows),
        judge=_mean_quality([row.judge for row in rows]),
        ece=measures.mean([row.ece for row in rows]),
        f1=measures.mean([row.f1 for row in rows]),
        three_way=measures.mean([row.three_way for row in rows]),
        nothing_to_check=measures.mean([row.nothing_to_check for row in rows]),
        no_score=sum(row.no_score for row in rows),
        failed=sum(row.failed for row in rows),
        p50_ms=measures.mean([row.p50_ms for row in rows]),
        p95_ms=measures.mean([row.p95_ms for row in rows]),
        baselines={name: _mean_quality([row.baselines[name] for row in rows]) for name in NAMES},
    )


def _part(asked: Asked, subset: str) -> Asked:
    return Asked(
        [answer for answer in asked.answers if answer.record.subset == subset],
        [failure for failure in asked.failures if failure.record.subset == subset],
    )


def _row(name: str, asked: Asked, baselines: Baselines) -> Row:
    answers = asked.answers
    unsupported = [answer.record.unsupported for answer in answers]
    scores = [NO_SCORE if answer.score is None else answer.score for answer in answers]
    flagged = [answer.flagged for answer in answers]
    opinions = baselines.opinions([answer.record for answer in answers])
    return Row(
        name=name,
        n=len(answers),
        judge=_quality(unsupported, Opinion([1 - score for score in scores], flagged)),
        ece=measures.ece([not label for label in unsupported], scores),
        f1=measures.f1(unsupported, flagged),
        three_way=measures.share([a.verdict == a.record.label3.value for a in answers if a.record.label3 is not None]),
        nothing_to_check=measures.share([answer.verdict == Verdict.NOTHING_TO_CHECK.value for answer in answers]),
        no_score=sum(answer.score is None for answer in answers),
        failed=len(asked.failures),
        p50_ms=_latency_ms(answers, 50),
        p95_ms=_latency_ms(answers, 95),
        baselines={
            baseline: _quality(unsupported, opinions[baseline]) if baseline in opinions else Quality()
            for baseline in NAMES
        },
    )


def _quality(unsupported: Sequence[bool], opinion: Opinion) -> Quality:
    flagged = opinion.flagged
    return Quality(
        None if flagged is None else measures.balanced_accuracy(unsupported, flagged),
        measures.auroc(unsupported, opinion.doubt),
    )


def _mean_quality(each: Sequence[Quality]) -> Quality:
    return Quality(measures.mean([q.balanced_accuracy for q in each]), measures.mean([q.auroc for q in each]))


def _latency_ms(answers: Sequence[Answer], hundredths: int) -> float | None:
    timed = [answer.latency_s for answer in answers if answer.latency_s is not None]
    return 1000 * percentile(timed, hundredths) if timed else None
