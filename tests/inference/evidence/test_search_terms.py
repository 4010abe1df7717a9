"""Which words of a query are searched for, and in what form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evidence.search_terms import QUERY_TERMS_MAX, query_terms, searchable, tokens


def test_only_words_with_content_are_searched_for() -> None:
    assert query_terms("The tower is in Rome, and it is not in Paris.") == ["tower", "Rome", "Paris"]


def test_a_query_of_nothing_but_small_words_is_searched_for_all_the_same() -> None:
    assert query_terms("To be or not to be") == ["To", "be", "or", "not"]


def test_an_identifier_is_searched_for_as_a_whole_and_in_its_parts() -> None:
    assert query_terms("INV7701B") == ["INV 7701 B", "INV", "7701", "B"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("22May25", "22 May 25"),
        ("7,116", "7116"),
        ("7116GBP", "7,116 GBP"),
        ("北京", "北 京"),
        ("snake_case", "snake case"),
    ],
)
def test_two_ways_to_write_the_same_give_the_same_words(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


def test_a_comma_between_numbers_of_a_list_is_no_thousands_mark() -> None:
    assert tokens("pages 12,34 and 5,6789") == ["pages", "12", "34", "and", "5", "6789"]


def test_the_number_of_terms_is_bounded() -> None:
    assert len(query_terms(" ".join(f"w{number}" for number in range(10_000)))) == QUERY_TERMS_MAX


def test_very_long_hostile_words_are_read() -> None:
    for text in ("1,000" * 100_000, "a1" * 200_000, "_" * 1_000_000, "首" * 200_000):
        assert query_terms(text) is not None
        assert searchable(text)


@given(st.text())
def test_any_text_gives_terms_that_can_be_stored_and_hold_no_quotation_mark(text: str) -> None:
    for term in query_terms(text):
        assert '"' not in term
        assert term.encode()
