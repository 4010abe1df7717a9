"""Texts to embeddings, with the model that ships."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inference.encoder.embedder import DIMENSIONS, TEXT_CHARS_MAX, TEXTS_MAX, TOKENS_MAX, WEIGHTS, Embedder
from inference.errors import EncoderUnavailable, TooLarge

SHORT = "Light moves at about 300,000 kilometres a second."
LONG = "The lease ends on the last day of March, and the deposit is paid back within a month. " * 5


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


@pytest.mark.parametrize(
    ("one", "other", "unrelated"),
    [
        ("How fast does light travel?", "What is the speed of light?", "What do cats like to eat?"),
        ("The physician examined the child.", "A doctor looked at the kid.", "The stock market fell on Monday."),
        ("He purchased an automobile.", "The man bought a car.", "The man climbed a mountain."),
        ("Payment is due within 30 days.", "The bill must be settled in a month.", "Whales breathe air."),
    ],
)
def test_a_paraphrase_is_nearer_than_an_unrelated_text(
    embedder: Embedder, one: str, other: str, unrelated: str
) -> None:
    first, second, third = embedder.embed([one, other, unrelated])
    assert first @ second > first @ third + 0.3


def test_the_same_text_gives_the_same_bits_alone_and_among_others(embedder: Embedder) -> None:
    alone = embedder.embed([SHORT])[0].tobytes()
    assert embedder.embed([LONG, SHORT, "", LONG])[1].tobytes() == alone
    assert embedder.embed_beginnings([LONG * 20, SHORT])[1].tobytes() == alone
    assert Embedder().embed([SHORT])[0].tobytes() == alone


def test_the_same_text_gives_the_same_bits_in_threads_at_once(embedder: Embedder) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda text: embedder.embed([text])[0].tobytes(), [SHORT, LONG] * 10))
    assert len(set(found)) == 2


def test_embeddings_are_directions_of_length_one(embedder: Embedder) -> None:
    found = embedder.embed([SHORT, LONG, "?", "日本語", "\ud800"])
    assert (found.shape, found.dtype.name) == ((5, DIMENSIONS), "float32")
    assert ((found**2).sum(1) - 1).max() < 1e-5


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, DIMENSIONS)


def test_a_text_that_just_fits_is_read_and_one_token_more_is_refused(embedder: Embedder) -> None:
    fits = "word " * (TOKENS_MAX - 2)
    assert len(embedder.tokenize([fits])[0]) == TOKENS_MAX
    assert embedder.embed([fits]).shape == (1, DIMENSIONS)
    with pytest.raises(TooLarge, match=f"257 tokens.*{TOKENS_MAX}"):
        embedder.embed([fits + "word"])


def test_only_the_beginning_counts_where_that_was_asked_for(embedder: Embedder) -> None:
    fits = "word " * (TOKENS_MAX - 2)
    assert (embedder.embed_beginnings([fits + "whale " * 10_000]) == embedder.embed([fits])).all()


def test_the_work_of_one_call_is_bounded(embedder: Embedder) -> None:
    with pytest.raises(TooLarge, match=f"{TEXT_CHARS_MAX:,}"):
        embedder.embed(["a" * (TEXT_CHARS_MAX + 1)])
    with pytest.raises(TooLarge, match=f"{TEXTS_MAX:,}"):
        embedder.embed(["a"] * (TEXTS_MAX + 1))


def test_making_one_reads_nothing(tmp_path: Path) -> None:
    missing = Embedder(tmp_path / "nowhere")
    with pytest.raises(EncoderUnavailable, match="nowhere"):
        missing.open()


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("damage", ["missing", "cut off"])
def test_damaged_weights_are_an_error_that_says_where_they_are(tmp_path: Path, file: str, damage: str) -> None:
    folder = tmp_path / "embedder"
    shutil.copytree(WEIGHTS, folder)
    data = (folder / file).read_bytes()
    (folder / file).unlink()
    if damage == "cut off":
        (folder / file).write_bytes(data[: len(data) // 2])
    with pytest.raises(EncoderUnavailable, match=str(folder)):
        Embedder(folder).embed(["text"])


def test_one_changed_byte_of_the_weights_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "embedder"
    shutil.copytree(WEIGHTS, folder)
    data = bytearray((folder / "model.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "model.onnx").write_bytes(data)
    with pytest.raises(EncoderUnavailable, match="checksum"):
        Embedder(folder).open()


def test_the_configuration_names_licence_and_source() -> None:
    config = json.loads((WEIGHTS / "config.json").read_text())
    assert (config["licence"], config["dimensions"], config["tokens_max"]) == ("Apache-2.0", DIMENSIONS, TOKENS_MAX)
    assert config["source_sha256"] in (WEIGHTS.parents[3] / "NOTICE").read_text()
