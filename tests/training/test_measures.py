"""Measures agree with values worked out by hand, and keep their properties on any input."""

import math
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.measures import auroc, balanced_accuracy, ece, f1, mean, share

TRUE, FALSE = True, False
PROBABILITIES = st.sampled_from([i / 20 for i in range(21)])  # few values, so that there are ties
PAIRS = st.lists(st.tuples(st.booleans(), PROBABILITIES), max_size=30)
FLAGS = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30)


def apart(pairs: list[tuple[bool, Any]]) -> tuple[list[bool], list[Any]]:
    return [a for a, _ in pairs], [b for _, b in pairs]


def test_balanced_accuracy_is_the_mean_of_both_classes() -> None:
    # 2 of 3 positives flagged, 1 of 2 negatives passed: (2/3 + 1/2) / 2
    assert balanced_accuracy([TRUE, TRUE, TRUE, FALSE, FALSE], [TRUE, TRUE, FALSE, TRUE, FALSE]) == pytest.approx(
        7 / 12
    )


def test_f1_is_of_the_flagged_class() -> None:
    # 2 found, 1 missed, 1 false alarm: precision and recall are both 2/3
    assert f1([TRUE, TRUE, TRUE, FALSE, FALSE], [TRUE, TRUE, FALSE, TRUE, FALSE]) == pytest.approx(2 / 3)


def test_auroc_counts_the_pairs_that_are_in_order() -> None:
    # positives .9 .4, negatives .6 .1: .9 beats both, .4 beats .1 alone: 3 of 4
    assert auroc([TRUE, TRUE, FALSE, FALSE], [0.9, 0.4, 0.6, 0.1]) == 0.75


def test_auroc_counts_a_tie_as_half() -> None:
    # positives .5 .8, negatives .5 .2: a tie, and three pairs in order: 3.5 of 4
    assert auroc([TRUE, TRUE, FALSE, FALSE], [0.5, 0.8, 0.5, 0.2]) == 0.875
    assert auroc([TRUE, FALSE, FALSE], [1.0, 1.0, 1.0]) == 0.5


def test_ece_weighs_the_gap_of_each_bin_by_its_share() -> None:
    # bin 0.9-1: mean .95, half happened: gap .45, share 2/4; bin 0.2-0.3: .2, none: gap .2; bin 0-0.1: 0, none: gap 0
    assert ece([TRUE, FALSE, FALSE, FALSE], [1.0, 0.9, 0.2, 0.0]) == pytest.approx(0.45 / 2 + 0.2 / 4)


def test_a_probability_of_one_is_in_the_last_bin() -> None:
    assert ece([TRUE, FALSE], [1.0, 0.95]) == pytest.approx(0.95 / 2)


def test_what_is_not_defined_is_none() -> None:
    assert balanced_accuracy([TRUE], [TRUE]) is auroc([FALSE], [0.5]) is f1([FALSE], [FALSE]) is None
    assert ece([], []) is share([]) is mean([None]) is None


def test_a_mean_is_over_what_is_defined() -> None:
    assert mean([0.25, None, 0.75]) == 0.5
    assert share([TRUE, FALSE, FALSE, FALSE]) == 0.25


def test_lists_of_different_length_are_an_error() -> None:
    with pytest.raises(ValueError, match="longer"):
        auroc([TRUE, FALSE, TRUE], [0.5, 0.4])


@given(PAIRS)
def test_auroc_is_the_share_of_pairs_in_order(pairs: list[tuple[bool, float]]) -> None:
    positives, negatives = [p for label, p in pairs if label], [p for label, p in pairs if not label]
    each = [(a > b) + (a == b) / 2 for a in positives for b in negatives]
    found = auroc(*apart(pairs))
    assert found == (pytest.approx(sum(each) / len(each)) if each else None)


@given(PAIRS)
def test_auroc_sees_order_alone_and_turns_with_it(pairs: list[tuple[bool, float]]) -> None:
    labels, doubt = apart(pairs)
    found = auroc(labels, doubt)
    assert found == auroc(labels, [math.exp(3 * p) for p in doubt])
    turned = auroc(labels, [-p for p in doubt])
    assert turned == (None if found is None else pytest.approx(1 - found))


@given(FLAGS)
def test_the_opposite_flags_have_the_opposite_balanced_accuracy(pairs: list[tuple[bool, bool]]) -> None:
    labels, flags = apart(pairs)
    found = balanced_accuracy(labels, flags)
    opposite = balanced_accuracy(labels, [not flag for flag in flags])
    assert opposite == (None if found is None else pytest.approx(1 - found))


@given(FLAGS)
def test_f1_is_a_share_and_one_only_for_what_is_right(pairs: list[tuple[bool, bool]]) -> None:
    labels, flags = apart(pairs)
    found = f1(labels, flags)
    assert found is None or 0 <= found <= 1
    assert (found == 1) == (labels == flags and any(labels))


@given(PAIRS, st.randoms())
def test_ece_is_a_share_that_no_order_changes(pairs: list[tuple[bool, float]], random: Random) -> None:
    found = ece(*apart(pairs))
    assert found is None or 0 <= found <= 1
    shuffled = sorted(pairs, key=lambda _: random.random())
    assert ece(*apart(shuffled)) == (None if found is None else pytest.approx(found))


@given(st.lists(st.booleans(), min_size=1))
def test_certainty_that_is_right_is_calibrated(happened: list[bool]) -> None:
    assert ece(happened, [float(one) for one in happened]) == 0
    assert ece(happened, [float(not one) for one in happened]) == 1
