"""The starter corpus keeps its form."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "inference" / "evidence" / "starter"
FILES = sorted(FOLDER.glob("*.jsonl"))
TOPICS = {"landmarks", "geography", "science", "history", "health", "technology", "misconceptions"}
PASSAGES_MIN = 400
WORDS_MIN, WORDS_MAX = 15, 110


def records() -> list[dict[str, Any]]:
    return [json.loads(line) for file in FILES for line in file.read_text().splitlines()]


def test_it_is_large_enough_and_covers_its_topics() -> None:
    assert len(records()) >= PASSAGES_MIN
    assert {file.stem for file in FILES} >= TOPICS


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_line_is_a_passage_of_its_topic(file: Path) -> None:
    for number, line in enumerate(file.read_text().splitlines(), 1):
        record = json.loads(line)
        assert list(record) == ["id", "title", "text"], number
        assert re.fullmatch(rf"{file.stem}/[a-z0-9-]+", record["id"]), number
        assert WORDS_MIN <= len(record["text"].split()) <= WORDS_MAX, record["id"]
        assert record["title"].strip() == record["title"] != "", record["id"]


def test_no_id_and_no_text_is_there_twice() -> None:
    for key in ("id", "text"):
        twice = [value for value, count in Counter(record[key] for record in records()).items() if count > 1]
        assert not twice


def test_no_sentence_needs_the_one_before_it() -> None:
    leaning = [
        record["id"]
        for record in records()
        for sentence in re.split(r"(?<=[.!?])\s+", record["text"])
        if re.match(r"(He|She|They|This|These|Those|There|That)\b(?! (is|are|was|were) no\b)", sentence)
    ]
    assert not leaning
