"""How what the model says of each source and what the rules say become one label and one score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.judges.cross_encoder.calibration import Calibration
from inference.judges.cross_encoder.model import Probabilities
from inference.judges.cross_encoder.odds import odds, probability
from inference.judges.cross_encoder.opinions import Opinion, Said
from inference.judges.cross_encoder.opinions import settle as settle_said
from inference.verdict import Judgement, Label

YES, NO, NOTHING = Probabilities(0.9, 0.05, 0.05), Probabilities(0.05, 0.9, 0.05), Probabilities(0.06, 0.04, 0.9)
UNDECIDED = Judgement(Label.NOT_ENOUGH_EVIDENCE, 0.3, "")
RULES_YES, RULES_NO = Judgement(Label.SUPPORTED, 0.95, ""), Judgement(Label.REFUTED, 0.05, "")
PLAIN = Calibration()


def settle(sources: list[Probabilities], rules: Judgement, calibration: Calibration) -> Opinion:
    """Sources that all speak of the claim, and are equally near."""
    return settle_said([Said(source, near=0.5, on_subject=True) for source in sources], rules, calibration)


shares = st.tuples(*[st.floats(0.01, 1.0)] * 3).map(lambda parts: Probabilities(*(part / sum(parts) for part in parts)))


@pytest.mark.parametrize(
    ("said", "label"),
    [(YES, Label.SUPPORTED), (NO, Label.REFUTED), (NOTHING, Label.NOT_ENOUGH_EVIDENCE)],
)
def test_one_source_says_what_it_says(said: Probabilities, label: Label) -> None:
    assert settle([said], UNDECIDED, PLAIN).label is label


@given(st.lists(st.just(NOTHING), max_size=30), st.integers(0, 30))
def test_sources_that_settle_nothing_change_nothing(others: list[Probabilities], at: int) -> None:
    alone = settle([YES], UNDECIDED, PLAIN)
    among = settle([*others[:at], YES, *others[at:]], UNDECIDED, PLAIN)
    assert (among.label, among.score) == (alone.label, alone.score)


def test_sources_that_contradict_each_other_are_both_named_and_the_score_lies_between_them() -> None:
    found = settle([NOTHING, YES, NO], UNDECIDED, PLAIN)
    assert {found.deciding, found.opposing} == {1, 2}
    assert settle([NO], UNDECIDED, PLAIN).score < found.score < settle([YES], UNDECIDED, PLAIN).score


@given(shares)
def test_rules_that_disagree_move_the_score_towards_their_side(said: Probabilities) -> None:
    alone = settle([said], UNDECIDED, PLAIN).score
    assert settle([said], RULES_NO, PLAIN).score <= alone <= settle([said], RULES_YES, PLAIN).score


def test_a_source_that_speaks_of_something_else_refutes_nothing() -> None:
    found = settle_said([Said(NO, near=0.1, on_subject=False)], UNDECIDED, PLAIN)
    assert found.label is Label.NOT_ENOUGH_EVIDENCE


def test_a_claim_that_the_rules_refute_is_refuted_where_it_is_not_supported() -> None:
    assert settle([NOTHING], RULES_NO, PLAIN).label is Label.REFUTED


def test_of_two_sources_that_say_the_same_the_nearer_gives_the_higher_score() -> None:
    near = settle_said([Said(YES, 0.9, True)], UNDECIDED, Calibration(nearness=1.0))
    far = settle_said([Said(YES, 0.1, True)], UNDECIDED, Calibration(nearness=1.0))
    assert near.score > far.score


@given(shares, st.sampled_from([UNDECIDED, RULES_YES, RULES_NO]), st.floats(0.1, 0.9))
def test_supported_is_what_reaches_the_threshold_and_nothing_else(
    said: Probabilities, rules: Judgement, threshold: float
) -> None:
    found = settle([said], rules, Calibration(threshold=threshold))
    assert (found.label is Label.SUPPORTED) == (found.score >= threshold)
    assert 0 < found.score < 1


@given(st.floats(0.001, 0.999))
def test_odds_and_probabilities_are_two_ways_to_say_the_same(given_probability: float) -> None:
    assert probability(odds(given_probability)) == pytest.approx(given_probability)


def test_odds_are_finite_also_of_certainties() -> None:
    assert odds(0) == pytest.approx(-odds(1))
