"""What becomes of labelled records: which classes a label allows, and what is the claim."""

from pathlib import Path
from typing import Any

import pytest

from tests.training.labelled import fields, write
from training.pairs import REFUTED, SUPPORTED, UNKNOWN, UNSUPPORTED, Pair
from training.sources import labelled_pairs, pairs_of


def pairs(source: str = "towers", **given: Any) -> list[Pair]:
    return list(pairs_of(source, [fields(**given)]))


@pytest.mark.parametrize(
    ("source", "given", "allowed"),
    [
        ("towers", {"label": False}, SUPPORTED),
        ("towers", {"label": True}, UNSUPPORTED),
        ("towers", {"label": True, "id": "tower-1-irrelevant"}, UNKNOWN),
        ("towers", {"label": True, "id": "tower-1-refute"}, REFUTED),
        ("fever_dev", {"label": True}, REFUTED),
        ("scifact", {"label": True}, REFUTED),
        ("scifact", {"label": False}, SUPPORTED),
        ("towers", {"label": True, "label3": "refuted"}, REFUTED),
        ("fever_dev", {"label": True, "label3": "not_enough_info"}, UNKNOWN),
        ("towers", {"label": False, "label3": "supported"}, SUPPORTED),
    ],
)
def test_a_label_allows_the_classes_that_it_may_mean(source: str, given: dict[str, Any], allowed: int) -> None:
    assert [pair.allowed for pair in pairs(source, **given)] == [allowed]


@pytest.mark.parametrize("document", [None, ""])
def test_a_record_without_evidence_gives_nothing(document: str | None) -> None:
    assert pairs(document=document) == []


def test_a_statement_is_its_own_claim() -> None:
    assert [pair.claim for pair in pairs(response="The tower is in Paris.")] == ["The tower is in Paris."]


def test_a_short_answer_becomes_a_claim_with_its_question() -> None:
    (pair,) = pairs(prompt="Where is the tower?", response="Paris")
    assert "tower" in pair.claim
    assert "Paris" in pair.claim


def test_a_supported_response_of_several_claims_gives_itself_and_each_claim() -> None:
    response = "The tower is in Paris. It was built of iron."
    found = [pair.claim for pair in pairs(response=response)]
    assert found[0] == response
    assert len(found) == 3
    assert "Paris" in found[1]
    assert "iron" in found[2]


def test_an_unsupported_response_of_several_claims_stays_whole() -> None:
    response = "The tower is in Rome. It was built of iron."
    assert [(pair.claim, pair.allowed) for pair in pairs(response=response, label=True)] == [(response, UNSUPPORTED)]


def test_records_of_one_text_or_one_named_group_share_a_group() -> None:
    assert pairs(response="It is high.")[0].group == pairs(response="It is low.", id="other")[0].group
    assert pairs(group="a")[0].group == pairs(group="a", document="Another text.")[0].group
    assert pairs(group="a")[0].group != pairs(group="b")[0].group
    assert pairs("towers", group="a")[0].group != pairs("spires", group="a")[0].group


def test_a_set_that_is_missing_is_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "towers.jsonl.gz", fields())
    assert list(labelled_pairs(tmp_path, ["spires", "towers"])) == ["towers"]
    said = capsys.readouterr().out
    assert "spires" in said
    assert str(tmp_path) in said


def test_without_any_set_there_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=str(tmp_path)):
        labelled_pairs(tmp_path, ["spires", "towers"])
