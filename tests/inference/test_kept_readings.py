"""What is kept of texts that were read is bounded, whatever was read."""

import gc
import tracemalloc
from collections.abc import Callable

import pytest

from inference.judges.alignment import passage_reading, statement
from inference.judges.alignment.lemma import form, root
from inference.judges.alignment.passage_reading import PassageReading, read_passage
from inference.judges.alignment.statement import Statement, read_statement
from inference.judges.cross_encoder.reading import key_of
from inference.text.kept_words import WORD_CHARS_MAX, WORDS_KEPT, kept
from inference.text.words import stem

TEXTS = 20


def _sentence(number: int, chars: int) -> str:
    return f"Tower {number} is {'very ' * (chars // 5)}high."


def _passage(number: int, chars: int) -> str:
    return _sentence(number, 40) + f" It has {number} steps." * (chars // 16)


def _there(kind: type) -> int:
    gc.collect()
    return sum(isinstance(found, kind) for found in gc.get_objects())


@pytest.mark.parametrize(
    ("kind", "read", "text", "chars_max", "kept_max"),
    [
        (Statement, read_statement, _sentence, statement.CACHED_CHARS_MAX, statement.CACHED_STATEMENTS),
        (
            PassageReading,
            lambda text: read_passage(text, "Towers"),
            _passage,
            passage_reading.CACHED_CHARS_MAX,
            passage_reading.CACHED_PASSAGES,
        ),
    ],
    ids=["sentences", "passages"],
)
def test_a_text_is_kept_for_its_next_reading_unless_it_is_long(
    kind: type, read: Callable[[str], object], text: Callable[[int, int], str], chars_max: int, kept_max: int
) -> None:
    assert read(text(1, 20)) is read(text(1, 20))
    assert kept_max * chars_max < 500_000
    before = _there(kind)
    for number in range(TEXTS):
        read(text(number, 2 * chars_max))
    assert _there(kind) == before


def test_what_is_found_out_about_a_word_is_kept_unless_the_word_is_long() -> None:
    asked: list[str] = []

    @kept
    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    short, long = "x" * WORD_CHARS_MAX, "x" * (WORD_CHARS_MAX + 1)
    assert [length(word) for word in (short, short, long, long)] == [60, 60, 61, 61]
    assert asked == [short, long, long]
    for number in range(WORDS_KEPT):
        length(f"word{number}")
    assert length(short) == WORD_CHARS_MAX
    assert asked[-1] == short


@pytest.mark.parametrize("find", [stem, key_of, form, root])
def test_no_word_without_end_is_kept(find: Callable[[str], object]) -> None:
    chars = 100_000
    find("tower")
    tracemalloc.start()
    try:
        for number in range(TEXTS):
            find(f"{number:04}" + "tower" * (chars // 5))
        assert tracemalloc.get_traced_memory()[0] < chars
    finally:
        tracemalloc.stop()
