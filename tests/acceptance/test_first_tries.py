"""What people try first: famous facts and misconceptions with no network, and answers over documents of their own.

`first_tries.jsonl` holds prompt, response, the name of a document or none, and the true verdict. A line with `gap` is a
known gap, and `gap` is what the judge says instead. A gap that closes, or becomes another, turns the test red, so that
the list stays true. Few may be on the wrong side: a false answer that passes is worse than one that stays open.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

pytestmark = pytest.mark.judge

FOLDER = Path(__file__).parent
TRIES: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "first_tries.jsonl").read_text().splitlines()]
GAPS_SHARE_MAX = 0.06
FALSELY_SUPPORTED_SHARE_MAX = 0.03


def name_of(asked: dict[str, Any]) -> str:
    return f"{asked['document'] or 'facts'}: {asked['prompt']} {asked['response']}"


@pytest.mark.parametrize("asked", TRIES, ids=name_of)
def test_a_first_try_comes_out_right_or_is_a_known_gap(client: TestClient, asked: dict[str, Any]) -> None:
    context = (FOLDER / "documents" / f"{asked['document']}.txt").read_text() if asked["document"] else None
    body = {"prompt": asked["prompt"], "output": asked["response"], "context": context}
    found = client.post("/v1/verify/reliability", json=body).json()
    assert found["verdict"] == asked.get("gap", asked["verdict"]), found["explanation"]


def test_most_tries_are_no_gaps_and_few_false_answers_pass() -> None:
    gaps = [asked["gap"] for asked in TRIES if "gap" in asked]
    assert len(gaps) / len(TRIES) < GAPS_SHARE_MAX
    assert gaps.count("supported") / len(TRIES) < FALSELY_SUPPORTED_SHARE_MAX
    assert not [asked for asked in TRIES if asked.get("gap") == asked["verdict"]]
