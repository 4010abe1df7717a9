"""One tokenizer for all files that are equal."""

from pathlib import Path

import pytest

from inference.encoder.embedder import WEIGHTS
from inference.judges.cross_encoder.reading import TOKENIZER_FILE, load_tokenizer
from inference.text.tokenizer import shared_tokenizer


def test_the_judge_the_encoder_and_its_words_share_one_tokenizer() -> None:
    assert shared_tokenizer(WEIGHTS / "tokenizer.json") is shared_tokenizer(TOKENIZER_FILE) is load_tokenizer()


def test_a_file_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_bytes(TOKENIZER_FILE.read_bytes())
    before = shared_tokenizer(file)
    file.write_bytes(b"{}")
    with pytest.raises(Exception, match="Cannot instantiate Tokenizer"):
        shared_tokenizer(file)
    file.write_bytes(TOKENIZER_FILE.read_bytes() + b"\n")
    assert shared_tokenizer(file) is not before
