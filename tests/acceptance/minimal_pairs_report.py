"""Minimal pairs: an answer that its document supports, and the same answer after one small edit, unsupported.

`minimal_pairs.jsonl` holds a pair a line. `judge_kind` posts both sides of every pair of a kind; run as a script,
`PYTHONPATH=.:tests python tests/acceptance/minimal_pairs_report.py` prints how many come out right, and which do not.
It judges whether `is_hallucination` is right, not which of `refuted` and `not_enough_evidence` a changed answer gets.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Pair:
    id: str
    kind: str
    prompt: str
    document: str
    supported: str
    changed: str
    changed_verdict: Literal["refuted", "not_enough_evidence"]


@dataclass(frozen=True)
class Outcome:
    """Which sides of a pair came out right."""

    pair: Pair
    supported_right: bool
    changed_right: bool

    @property
    def right(self) -> bool:
        return self.supported_right and self.changed_right


def read_pairs() -> list[Pair]:
    return [Pair(**json.loads(line)) for line in (FOLDER / "minimal_pairs.jsonl").read_text().splitlines()]


def is_hallucination(client: TestClient, pair: Pair, answer: str) -> bool:
    body = {"prompt": pair.prompt, "output": answer, "context": pair.document}
    answered = client.post("/v1/verify/reliability", json=body)
    assert answered.status_code == 200, answered.text
    found = answered.json()["is_hallucination"]
    assert isinstance(found, bool), answered.text
    return found


def judge_pair(client: TestClient, pair: Pair) -> Outcome:
    return Outcome(
        pair,
        supported_right=not is_hallucination(client, pair, pair.supported),
        changed_right=is_hallucination(client, pair, pair.changed),
    )


def judge_kind(client: TestClient, pairs: list[Pair], kind: str) -> list[Outcome]:
    return [judge_pair(client, pair) for pair in pairs if pair.kind == kind]


def failing(outcomes: list[Outcome]) -> list[str]:
    """The ids of the pairs that did not come out right, each with the side that did not."""
    sides = {(False, True): "supported", (True, False): "changed", (False, False): "both"}
    return [f"{o.pair.id} ({sides[o.supported_right, o.changed_right]})" for o in outcomes if not o.right]


def row_of(name: str, outcomes: list[Outcome]) -> str:
    right, supported, changed = (
        sum(getattr(outcome, side) for outcome in outcomes) for side in ("right", "supported_right", "changed_right")
    )
    return f"{name:16} {len(outcomes):5} {right:11} {supported:16} {changed:14}"


def main() -> None:
    pairs = read_pairs()
    every: list[Outcome] = []
    sys.stdout.write("kind                 n  both right  supported right  changed right\n")
    with tempfile.TemporaryDirectory() as data_dir:
        app = create_app(Settings(data_dir=Path(data_dir), web_search=False))
        with TestClient(app, base_url="http://127.0.0.1:3001") as client:
            for kind in dict.fromkeys(pair.kind for pair in pairs):
                outcomes = judge_kind(client, pairs, kind)
                every += outcomes
                sys.stdout.write(f"{row_of(kind, outcomes)}\n")
    sys.stdout.write(f"{row_of('all', every)}\n\nnot right:\n" + "".join(f"  {line}\n" for line in failing(every)))


if __name__ == "__main__":
    main()
