"""Baselines say what their names promise, and learn from the training folder alone."""

from pathlib import Path

import pytest

from tests.training.labelled import fields, record, write
from training.evaluation.baselines import (
    ALWAYS_FLAG,
    CLAIM_ONLY,
    WORD_OVERLAP,
    Baselines,
    best_threshold,
    learned_from,
    overlap,
)
from training.evaluation.claim_only import ClaimOnly


@pytest.mark.parametrize(
    ("response", "document", "expected"),
    [
        ("The tower is in Paris.", "Paris has a tower.", 1.0),
        ("The tower is in Rome.", "Paris has a tower.", 0.5),  # of "tower" and "Rome"
        ("It cost 1,500 francs.", "The cost: 1,500 francs", 1.0),
        ("It cost 1,500 francs.", "The cost: 1,600 francs", 2 / 3),
        ("It stands.", "They stand.", 1.0),
        ("Yes.", "Paris has a tower.", 1.0),
        ("The tower is in Paris.", None, 0.0),
    ],
)
def test_overlap_is_the_share_of_content_words_found(response: str, document: str | None, expected: float) -> None:
    assert overlap(record(response=response, document=document)) == pytest.approx(expected)


def test_always_flag_flags_everything() -> None:
    said = Baselines().opinions([record(), record(unsupported=True)])[ALWAYS_FLAG]
    assert said.flagged == [True, True]
    assert said.doubt[0] == said.doubt[1]


def test_what_was_not_taught_has_no_opinion(tmp_path: Path) -> None:
    said = learned_from(tmp_path / "absent").opinions([record()])
    assert CLAIM_ONLY not in said
    assert said[WORD_OVERLAP].flagged is None
    assert said[WORD_OVERLAP].doubt == [0.0]


def test_the_threshold_parts_what_overlaps_from_what_does_not() -> None:
    shared = [record(id=f"s{i}", document="The tower is in Paris, France.") for i in range(3)]
    foreign = [record(id=f"f{i}", document="A tower burned.", unsupported=True) for i in range(3)]
    threshold = best_threshold([[*shared, *foreign]])
    assert threshold is not None
    assert 0.5 < threshold <= 1.0
    said = Baselines(overlap_threshold=threshold).opinions([shared[0], foreign[0]])[WORD_OVERLAP]
    assert said.flagged == [False, True]


def test_a_set_of_one_class_chooses_no_threshold() -> None:
    assert best_threshold([[record()], []]) is None


def test_the_training_folder_teaches(tmp_path: Path) -> None:
    lines = [
        fields(id=f"{word}{i}", response=f"The tower is {word} {i}.", label=word == "only")
        for word in ("only", "also")
        for i in range(5)
    ]
    write(tmp_path / "made.jsonl.gz", *lines)
    said = learned_from(tmp_path).opinions([record(response="A lamp is only red."), record(response="It is also.")])
    assert said[CLAIM_ONLY].flagged == [True, False]


def test_claim_only_finds_what_the_wording_gives_away() -> None:
    model = ClaimOnly(["it is not so", "it is never so", "it is so", "it was so"], [True, True, False, False])
    denied, plain = model.doubts(["this is not so", "this was so"])
    assert 0 < plain < 0.5 < denied < 1


def test_claim_only_knows_nothing_of_words_it_has_not_seen() -> None:
    model = ClaimOnly(["red", "blue", "green", "grey"], [True, False, False, False])
    assert model.doubts(["", "unheard of"]) == pytest.approx([0.5, 0.5], abs=0.2)
    assert model.doubts([]) == []


def test_claim_only_is_the_same_every_time() -> None:
    claims, labels = ["a b c", "c d", "d e", ""], [True, False, True, False]
    assert ClaimOnly(claims, labels).doubts(claims) == ClaimOnly(claims, labels).doubts(claims)
