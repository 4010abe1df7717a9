"""How a source is cut into passages."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evidence.chunk import OVERLAP_CHARS_MAX, PASSAGE_CHARS_MAX, chunk

SENTENCE = "The lighthouse keeper noted the weather in a large green book every evening. "


def covered(text: str) -> set[int]:
    return {place for span in chunk(text) for place in range(span.start, span.end)}


def test_a_short_text_is_one_passage_without_its_outer_white_space() -> None:
    text = "  One fact. Another fact.\n"
    (span,) = chunk(text)
    assert text[span.start : span.end] == "One fact. Another fact."


def test_a_blank_text_has_no_passages() -> None:
    assert chunk(" \n\t ") == []


def test_passages_end_where_sentences_end() -> None:
    text = SENTENCE * 100
    assert all(text[span.start : span.end].endswith("evening.") for span in chunk(text))


def test_neighbouring_passages_share_one_sentence() -> None:
    text = "".join(f"Entry number {number} is about the weather of that day. " for number in range(100))
    spans = chunk(text)
    assert len(spans) > 3
    for before, after in pairwise(spans):
        shared = text[after.start : before.end]
        assert shared.startswith("Entry number")
        assert shared.count("Entry number") == 1


def test_a_long_last_sentence_is_not_repeated() -> None:
    long = "Word" + " word" * 100 + ". "
    spans = chunk(long * 5)
    assert all(after.start >= before.end for before, after in pairwise(spans))


def test_a_sentence_longer_than_a_passage_is_cut_at_spaces() -> None:
    text = " ".join(f"token{number}" for number in range(1_000))
    for span in chunk(text):
        assert text[span.start : span.end].split(" ")[0].startswith("token")
        assert span.end == len(text) or text[span.end] == " "


def test_a_word_longer_than_a_passage_is_cut_hard_and_nothing_is_lost() -> None:
    text = "x" * 200_000
    assert covered(text) == set(range(len(text)))


def test_very_long_hostile_texts_are_cut() -> None:
    for text in (". " * 200_000, "\n" * 1_000_000, "a" * 1_000_000, "\"')" * 300_000):
        assert all(span.end - span.start <= PASSAGE_CHARS_MAX for span in chunk(text))


@settings(max_examples=300)
@given(st.lists(st.one_of(st.text(max_size=50), st.just(SENTENCE), st.just("ab" * 700), st.just("\n" * 900))))
def test_every_character_that_is_not_blank_is_in_some_passage(parts: list[str]) -> None:
    text = "".join(parts)
    inside = covered(text)
    assert all(place in inside for place, character in enumerate(text) if not character.isspace())


@settings(max_examples=300)
@given(st.lists(st.one_of(st.text(max_size=50), st.just(SENTENCE), st.just("ab " * 700))))
def test_passages_are_bounded_in_order_and_overlap_by_a_third_at_most(parts: list[str]) -> None:
    spans = chunk("".join(parts))
    assert all(0 < span.end - span.start <= PASSAGE_CHARS_MAX for span in spans)
    for before, after in pairwise(spans):
        assert before.start < after.start
        assert before.end < after.end
        assert before.end - after.start <= OVERLAP_CHARS_MAX
