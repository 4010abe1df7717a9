"""What people try first: famous facts and misconceptions with no network, and answers over documents of their own.

`first_tries.jsonl` holds prompt, response, the name of a document or none, and the true verdict. A line with `"gap":
true` is a known gap: the judge cannot tell, and says so. It must never take the wrong side, and a gap that closes turns
the test red, so that the list stays true.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

FOLDER = Path(__file__).parent
TRIES: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "first_tries.jsonl").read_text().splitlines()]
GAPS_SHARE_MAX = 0.1


def name_of(asked: dict[str, Any]) -> str:
    return f"{asked['document'] or 'facts'}: {asked['prompt']} {asked['response']}"


@pytest.mark.parametrize("asked", TRIES, ids=name_of)
def test_a_first_try_comes_out_right_or_is_a_known_gap(client: TestClient, asked: dict[str, Any]) -> None:
    context = (FOLDER / "documents" / f"{asked['document']}.txt").read_text() if asked["document"] else None
    body = {"prompt": asked["prompt"], "output": asked["response"], "context": context}
    found = client.post("/v1/verify/reliability", json=body).json()
    assert found["verdict"] == ("not_enough_evidence" if asked.get("gap") else asked["verdict"]), found["explanation"]


def test_most_tries_are_no_gaps() -> None:
    counted = Counter(bool(asked.get("gap")) for asked in TRIES)
    assert counted[True] / len(TRIES) < GAPS_SHARE_MAX
