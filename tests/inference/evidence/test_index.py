"""What the full-text index finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evidence.index import MemoryIndex

TEXTS = [
    "The harbour of Ostend was rebuilt in 1903.",
    "InvID:INV7701B Co:OptiTech Client:Acme Amt:7116GBP Date:22May25",
    "A café in Zürich opens at nine.",
    "北京是中国的首都。",
    "Ferries leave the harbour every hour.",
]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("When was Ostend harbour rebuilt?", 0),
        ("invoice INV7701B", 1),
        ("the amount is 7,116", 1),
        ("22 May", 1),
        ("cafe in Zurich opening", 2),
        ("中国的首都", 3),
        ("a ferry that left", 4),
    ],
)
def test_the_text_that_shares_the_rare_words_comes_first(query: str, best: int) -> None:
    with MemoryIndex(TEXTS) as index:
        assert index.best(query, 3)[0] == best


def test_a_word_in_the_title_counts_more_than_one_in_the_text() -> None:
    with MemoryIndex(["about ferries", "about boats", "x", "y", "z"], ["Boats", "Ferries", "", "", ""]) as index:
        assert index.best("ferries", 2) == [1, 0]


def test_a_text_without_any_word_of_the_query_is_not_found() -> None:
    with MemoryIndex(TEXTS) as index:
        assert index.best("volcano", 5) == []


def test_no_more_than_the_limit_is_found() -> None:
    with MemoryIndex(["same words"] * 10) as index:
        assert index.best("same", 3) == [0, 1, 2]


@pytest.mark.parametrize(
    "query", ["", "...", '"', "a AND NOT (b OR", "title:x*", "NEAR(a b)", "'; DROP TABLE x; --", "\0"]
)
def test_a_query_is_only_words_and_never_a_command(query: str) -> None:
    with MemoryIndex(["title near drop table"]) as index:
        assert index.best(query, 5) in ([], [0])
        assert index.best("table", 5) == [0]


@settings(max_examples=200)
@given(st.lists(st.text(), max_size=5), st.text())
def test_any_texts_can_be_indexed_and_asked_anything(texts: list[str], query: str) -> None:
    with MemoryIndex(texts) as index:
        assert set(index.best(query, 10)) <= set(range(len(texts)))


@given(st.text(alphabet=st.characters(categories=("Lu", "Ll", "Nd"), max_codepoint=0x52F), min_size=1))
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    with MemoryIndex([text, "something else", "and more of it"]) as index:
        assert 0 in index.best(text, 3)
