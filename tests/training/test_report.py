"""Figures of a set: what counts and what does not; and how they are shown."""

import json

import pytest

from inference.verdict import Label
from tests.training.labelled import record
from training.evaluation.asking import Answer, Asked, Failure
from training.evaluation.baselines import ALWAYS_FLAG, CLAIM_ONLY, Baselines
from training.evaluation.records import Record
from training.evaluation.report import Report
from training.evaluation.results import mean_row, rows_of


def answer(
    about: Record, flagged: bool, score: float | None, verdict: str = "supported", latency_s: float | None = None
) -> Answer:
    return Answer(about, flagged, verdict, score, "a judge", latency_s)


GOOD, BAD = record("good"), record("bad", unsupported=True)


def test_an_answer_without_a_score_counts_as_one_half_and_is_counted() -> None:
    answers = [answer(GOOD, False, 0.9), answer(BAD, False, None, "nothing_to_check"), answer(GOOD, True, 0.2)]
    (row,) = rows_of("set", Asked(answers), Baselines())
    assert row.no_score == 1
    assert row.nothing_to_check == pytest.approx(1 / 3)
    assert row.judge.auroc == 0.5  # .5 doubt is above .1 and below .8
    assert row.judge.balanced_accuracy == 0.25  # as the flags say: none of one, one of two


def test_a_failure_is_counted_and_is_no_verdict() -> None:
    (row,) = rows_of("set", Asked([answer(GOOD, False, 0.9)], [Failure(BAD, "HTTP 503")]), Baselines())
    assert (row.n, row.failed) == (1, 1)
    assert row.judge.balanced_accuracy is None


def test_a_set_that_only_failed_has_no_figures() -> None:
    (row,) = rows_of("set", Asked([], [Failure(BAD, "HTTP 503")]), Baselines())
    assert (row.n, row.failed) == (0, 1)
    assert row.ece is row.f1 is row.nothing_to_check is row.p50_ms is row.baselines[ALWAYS_FLAG].auroc is None


def test_three_way_accuracy_is_over_records_with_three_labels() -> None:
    refuted = record("r", unsupported=True, label3=Label.REFUTED)
    unknown = record("u", unsupported=True, label3=Label.NOT_ENOUGH_EVIDENCE)
    answers = [
        answer(refuted, True, 0.1, "refuted"),
        answer(unknown, True, 0.1, "refuted"),
        answer(GOOD, False, 0.9, "supported"),
    ]
    (row,) = rows_of("set", Asked(answers), Baselines())
    assert row.three_way == 0.5


def test_latency_is_of_the_answers_that_were_timed() -> None:
    timed = [answer(GOOD, False, 0.9, latency_s=i / 1000) for i in range(1, 21)]
    (row,) = rows_of("set", Asked([*timed, answer(GOOD, False, 0.9)]), Baselines())
    assert (row.p50_ms, row.p95_ms) == (pytest.approx(10), pytest.approx(19))


def test_a_set_of_several_subsets_is_reported_in_its_parts_too() -> None:
    answers = [
        answer(record("a", subset="bbc"), False, 0.9),
        answer(record("b", subset="bbc", unsupported=True), True, 0.1),
        answer(record("c", subset="cnndm"), True, 0.1),
    ]
    failures = [Failure(record("d", subset="cnndm"), "HTTP 500")]
    whole, bbc, cnndm = rows_of("frank", Asked(answers, failures), Baselines())
    assert [(row.name, row.n, row.failed) for row in (whole, bbc, cnndm)] == [
        ("frank", 3, 1),
        ("frank/bbc", 2, 0),
        ("frank/cnndm", 1, 1),
    ]
    assert bbc.judge.balanced_accuracy == 1.0


def test_always_flag_has_the_balanced_accuracy_of_chance() -> None:
    (row,) = rows_of("set", Asked([answer(GOOD, False, 0.9), answer(BAD, True, 0.1)]), Baselines())
    assert (row.baselines[ALWAYS_FLAG].balanced_accuracy, row.baselines[ALWAYS_FLAG].auroc) == (0.5, 0.5)
    assert row.baselines[CLAIM_ONLY].auroc is None


@pytest.fixture
def report() -> Report:
    right = Asked([answer(GOOD, False, 1.0), answer(BAD, True, 0.0)])
    wrong = Asked(
        [
            answer(record("a", subset="x"), True, 0.0),
            answer(record("b", subset="y", unsupported=True), False, 1.0),
        ]
    )
    sets = [rows_of("right", right, Baselines()), rows_of("wrong", wrong, Baselines())]
    return Report("a judge", limit=150, concurrency=2, sets=sets)


def test_the_mean_counts_each_set_once(report: Report) -> None:
    mean = report.rows[-1]
    assert (mean.name, mean.n, mean.judge.balanced_accuracy, mean.judge.auroc) == ("mean", 4, 0.5, 0.5)
    assert mean == mean_row([report.sets[0][0], report.sets[1][0]])


def test_the_text_says_how_the_figures_came_about(report: Report) -> None:
    text = " ".join(report.text().split())
    for named in ("a judge", "150 records", "10 bins of equal width", "one after another", "right", "wrong/x", "mean"):
        assert named in text


def test_the_markdown_is_tables(report: Report) -> None:
    lines = report.markdown().splitlines()
    tables = [line for line in lines if line.startswith("|")]
    assert len(tables) == 2 * (2 + 5)  # heading, marks, two sets, two parts, mean
    assert {line.count("|") for line in tables[:7]} == {13}
    assert {line.count("|") for line in tables[7:]} == {10}
    assert "| right | 2 | 1.000 | 1.000 | 0.000 | 1.000 | – |" in report.markdown()


def test_the_json_has_the_same_figures_and_null_for_none(report: Report) -> None:
    said = json.loads(report.json())
    assert list(said["sets"]) == ["right", "wrong", "wrong/x", "wrong/y"]
    assert said["sets"]["right"]["judge"] == {"balanced_accuracy": 1.0, "auroc": 1.0}
    assert said["sets"]["right"]["three_way"] is None
    assert said["mean"]["judge"]["auroc"] == 0.5
