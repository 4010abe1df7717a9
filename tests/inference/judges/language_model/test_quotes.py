"""A quote is found where its letters stand, however its marks and spaces are written, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.judges.language_model.quotes import find_in, find_quote
from inference.verdict import Passage, SourceKind

TEXT = "The “old” bridge —\n built in 1932 —  isn’t impossible to reach.\u00a0It costs £3,000.50 … a year."
PASSAGE = Passage("p", TEXT, SourceKind.WEB)


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("built in 1932", "built in 1932"),
        ('The "old" bridge - built', "The “old” bridge —\n built"),
        ("isn't impossible", "isn’t impossible"),
        ("reach. It costs", "reach.\u00a0It costs"),
        ("£3,000.50 ... a year", "£3,000.50 … a year"),
        ('"built in 1932"', "built in 1932"),
        ("  impossible\tto reach ", "impossible to reach"),
        ("imp\u200bossible", "impossible"),
    ],
)
def test_what_is_shown_is_the_passages_own(quote: str, shown: str) -> None:
    found = find_quote(quote, PASSAGE)
    assert found is not None
    assert TEXT[found[1].start : found[1].end] == shown


@pytest.mark.parametrize(
    "quote",
    [
        "possible to reach",
        "built in 193",
        "built in 1931",
        "Built in 1932",
        "the old bridge",
        "",
        " ",
        "to",
        "…",
        "932",
    ],
)
def test_what_differs_or_cuts_a_word_or_says_nothing_is_not_there(quote: str) -> None:
    assert find_quote(quote, PASSAGE) is None


def test_the_named_passage_comes_first_and_then_the_others() -> None:
    twin = Passage("q", TEXT, SourceKind.WEB)
    other = Passage("r", "A green house.", SourceKind.WEB)
    assert find_quote("built in 1932", twin, [PASSAGE, twin]) == (twin, find_in("built in 1932", TEXT))
    assert (find_quote("green house", twin, [PASSAGE, other]) or (None,))[0] is other


def test_scripts_without_spaces_may_be_quoted_from_anywhere() -> None:
    assert find_in("東京タワー", "高い東京タワーは赤い。") is not None


@given(st.text(max_size=80), st.text(min_size=1, max_size=12), st.text(max_size=80))
def test_a_place_that_is_given_holds_the_quote(before: str, quote: str, after: str) -> None:
    text = before + quote + after
    span = find_in(quote, text)
    if span is not None:
        assert 0 <= span.start < span.end <= len(text)
        assert _letters(text[span.start : span.end]) == _letters(quote)


@given(
    st.text(max_size=40), st.text(alphabet="abc dé1", min_size=3, max_size=20).filter(str.strip), st.text(max_size=40)
)
def test_whole_words_are_always_found(before: str, quote: str, after: str) -> None:
    assert find_in(quote, f"{before} {quote} {after}") is not None


def _letters(text: str) -> str:
    return "".join(character for character in text.replace("ﬁ", "fi").replace("ﬂ", "fl") if character.isalnum())
