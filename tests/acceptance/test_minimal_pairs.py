"""Minimal pairs by kind: how many come out right on both sides may not fall, and a gain is kept by a higher floor.

The floors are in `minimal_pairs_floors.toml`, the pairs in `minimal_pairs.jsonl`; `minimal_pairs_report.py` prints
where each kind stands.
"""

import tomllib
from collections import Counter

import pytest
from acceptance.minimal_pairs_report import FOLDER, failing, judge_kind, read_pairs
from starlette.testclient import TestClient

pytestmark = pytest.mark.judge

PAIRS = read_pairs()
FLOORS: dict[str, int] = tomllib.loads((FOLDER / "minimal_pairs_floors.toml").read_text())
SLACK_PAIRS = 2
"""How far a kind may be above its floor: enough for a change that trades a pair, too little to forget a gain."""
PAIRS_MIN, PAIRS_OF_A_KIND_MIN = 300, 20
KINDS = {
    "number", "date", "unit", "negation", "quantifier", "name_swap", "causality", "tense", "comparison", "paraphrase",
    "table_lookup", "list_membership", "partial_support", "role_order",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_pairs_of_a_kind_come_out_right_as_often_as_their_floor_says(client: TestClient, kind: str) -> None:
    outcomes = judge_kind(client, PAIRS, kind)
    right, floor = sum(outcome.right for outcome in outcomes), FLOORS[kind]
    found = f"{kind}: {right} of {len(outcomes)} pairs right"
    wrong = "\n  ".join(failing(outcomes))
    assert right >= floor, f"{found}, the floor is {floor}; not right:\n  {wrong}"
    assert right <= floor + SLACK_PAIRS, f"{found}, raise the floor of {floor}"


def test_every_kind_has_a_floor_and_pairs_enough_to_count() -> None:
    counted = Counter(pair.kind for pair in PAIRS)
    assert set(counted) == set(FLOORS) == KINDS
    assert min(counted.values()) >= PAIRS_OF_A_KIND_MIN, counted
    assert len(PAIRS) >= PAIRS_MIN


def test_no_id_and_no_answer_to_a_document_is_there_twice() -> None:
    ids, answers = [pair.id for pair in PAIRS], [(pair.document, pair.prompt, pair.supported) for pair in PAIRS]
    assert not [key for key, count in Counter([*ids, *answers]).items() if count > 1]


def test_a_pair_is_two_different_answers_to_one_question() -> None:
    texts = {pair.id: (pair.prompt, pair.document, pair.supported, pair.changed) for pair in PAIRS}
    assert not [id for id, parts in texts.items() if any(not part or part != part.strip() for part in parts)]
    assert not [pair.id for pair in PAIRS if pair.supported == pair.changed]


def test_a_changed_answer_is_refuted_or_lacks_evidence() -> None:
    assert {pair.changed_verdict for pair in PAIRS} == {"refuted", "not_enough_evidence"}


def test_an_id_begins_with_its_kind() -> None:
    assert not [pair.id for pair in PAIRS if not pair.id.startswith(f"{pair.kind}/")]
