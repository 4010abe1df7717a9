"""How a small pool of passages is ordered."""

from hypothesis import given
from hypothesis import strategies as st

from inference.evidence.rank import best_first


def test_a_subject_that_half_of_the_pool_shares_still_counts() -> None:
    pool = ["The Eiffel Tower stands in Paris."] * 4 + ["Rome has many old walls."] * 3 + ["A metro line."]
    assert best_first("The Eiffel Tower is in Rome.", pool)[0] == 0


def test_forms_of_a_word_meet() -> None:
    assert best_first("locates", ["nothing", "It was located there."]) == [1]


def test_a_short_text_beats_a_long_one_that_says_as_much() -> None:
    assert best_first("otter", ["otter " + "filler " * 50, "otter"]) == [1, 0]


def test_equals_keep_their_order() -> None:
    assert best_first("otter", ["an otter", "an otter", "an otter"]) == [0, 1, 2]


def test_an_empty_pool_and_an_empty_query_give_nothing() -> None:
    assert best_first("otter", []) == []
    assert best_first("", ["otter"]) == []


@given(st.text(), st.lists(st.text(), max_size=6))
def test_each_text_comes_at_most_once(query: str, texts: list[str]) -> None:
    order = best_first(query, texts)
    assert len(order) == len(set(order))
    assert set(order) <= set(range(len(texts)))
