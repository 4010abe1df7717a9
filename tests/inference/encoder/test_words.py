"""Texts to vectors by their words alone."""

import shutil
from pathlib import Path

import pytest

from inference.encoder.words import DIMENSIONS, WORDS, word_vectors
from inference.errors import EncoderUnavailable


def test_other_words_for_the_same_are_nearer_than_unrelated_ones() -> None:
    one, other, unrelated = word_vectors(
        ["The physician purchased an automobile.", "A doctor bought a car.", "Whales sing in the deep ocean."]
    )
    assert one @ other > one @ unrelated + 0.2


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    alone = word_vectors(["A doctor bought a car."])[0]
    assert (word_vectors(["Whales sing.", "A doctor bought a car.", ""])[1] == alone).all()


def test_a_text_without_words_is_near_to_nothing() -> None:
    rows = word_vectors(["", "?!", " \n", "\ud800"])
    assert rows.shape == (4, DIMENSIONS)
    assert not rows[:3].any()


@pytest.mark.parametrize("file", ["vectors.npy", "config.json"])
def test_damaged_vectors_are_an_error_that_says_where_they_are(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "words"
    shutil.copytree(WORDS, folder)
    (folder / file).write_bytes((folder / file).read_bytes()[:-2] + b"!!")
    with pytest.raises(EncoderUnavailable, match=str(folder)):
        word_vectors(["text"], folder)
