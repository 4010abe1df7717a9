"""Records are read as the data folder describes them, and a sample depends on ids alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.claims.extract import extract_claims
from inference.verdict import Label
from tests.training.labelled import fields, record, write
from training.evaluation.records import NEUTRAL_PROMPT, files_of, read, sample


def test_a_record_has_the_labels_of_its_line(tmp_path: Path) -> None:
    line = fields(prompt="Where is it?", label=True, label3="not_enough_info", subset="bbc", group="t1")
    (found,) = read(write(tmp_path / "set.jsonl.gz", line))
    assert (found.prompt, found.unsupported, found.subset) == ("Where is it?", True, "bbc")
    assert found.label3 is Label.NOT_ENOUGH_EVIDENCE


def test_a_closed_book_record_has_no_document(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path / "set.jsonl.gz", fields(document=None)))
    assert found.document is found.label3 is found.subset is None


@pytest.mark.parametrize("prompt", ["", "  ", None])
def test_a_prompt_that_says_nothing_becomes_neutral(prompt: str | None, tmp_path: Path) -> None:
    (found,) = read(write(tmp_path / "set.jsonl.gz", fields(prompt=prompt)))
    assert found.prompt == NEUTRAL_PROMPT


@pytest.mark.parametrize(
    "statement",
    [
        "The Natural is a book about Roy Hobbs, a southpaw boxer.",
        "Global warming is driving polar bears toward extinction",
        "Bruno Abakanowicz died before World War I.",
        "He called up Callgrove to give him a raise.",
        "A while afterwards, two people went into the identical checkpoint.",
        "Measuring sars-cov-2 neutralizing antibody activity using pseudotyped and chimeric viruses",
    ],
)
def test_with_the_neutral_prompt_a_statement_is_exactly_its_claim(statement: str) -> None:
    assert [claim.text for claim in extract_claims(NEUTRAL_PROMPT, statement)] == [statement]


@given(st.text(alphabet="abcdeTIY .,!?-'\n", max_size=80))
def test_the_neutral_prompt_changes_no_claim(response: str) -> None:
    assert extract_claims(NEUTRAL_PROMPT, response) == extract_claims("", response)


@pytest.mark.parametrize(
    "wrong", [{"label": "yes"}, {"label": 1}, {"label3": "maybe"}, {"label": None}], ids=lambda wrong: str(wrong)
)
def test_a_line_that_is_no_record_is_named(wrong: dict[str, object], tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl.gz", fields(), fields(**wrong))
    with pytest.raises(ValueError, match=r"set\.jsonl\.gz, line 2"):
        read(path)


def test_sets_are_found_by_name(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl.gz", fields())
    write(tmp_path / "a.jsonl.gz", fields())
    (tmp_path / "README.md").write_text("no data")
    assert list(files_of(tmp_path)) == ["a", "b"]
    assert files_of(tmp_path / "absent") == {}


@given(st.sets(st.text(max_size=5), max_size=20), st.integers(1, 10), st.integers(1, 10))
def test_a_smaller_sample_is_part_of_a_larger_one(ids: set[str], few: int, more: int) -> None:
    records = [record(id=one) for one in sorted(ids)]
    larger = sample(records, few + more)
    assert sample(reversed(records), few) == larger[:few]
    assert len(larger) == min(few + more, len(records))


def test_a_limit_of_zero_is_all_records() -> None:
    records = [record(id=str(i)) for i in range(5)]
    assert sorted(one.id for one in sample(records, 0)) == ["0", "1", "2", "3", "4"]
