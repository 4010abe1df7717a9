"""Corrected responses, verified again over HTTP and MCP against the same document with the CPU judge.

What is left must be supported, always. How much that is false the judge lets pass, and how much that is true it does
not, are its own figures: the bounds are what was measured, and a change that worsens one has to say why.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

pytestmark = pytest.mark.judge

FILE = tomllib.loads((Path(__file__).parent / "corrections.toml").read_text())
EXAMPLES: list[dict[str, Any]] = FILE["examples"]

FALSE_LEFT_MAX = 3  # of 39 false statements
TRUE_KEPT_MIN = 39  # of 44 true ones


def verified(client: TestClient, example: dict[str, Any], output: str, correct: bool = False) -> Any:
    body = {"prompt": example["prompt"], "output": output, "context": FILE["documents"][example["document"]]}
    answer = client.post("/v1/verify/reliability", json=body | ({"correct": True} if correct else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def corrected_over_mcp(client: TestClient, example: dict[str, Any]) -> str:
    arguments = {
        "prompt": example["prompt"],
        "response": example["response"],
        "documentContent": FILE["documents"][example["document"]],
        "correct": True,
    }
    params = {"name": "verify_document", "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = client.post("/v1/mcp", json=message, headers={"accept": "application/json"})
    return str(answer.json()["result"]["structuredContent"]["correction"]["text"])


def test_there_are_enough_examples() -> None:
    assert len(EXAMPLES) >= 25
    for example in EXAMPLES:
        assert all(word in example["response"] for word in (*example["false"], *example["true"]))


def test_what_is_left_is_supported_when_it_is_verified_again(client: TestClient) -> None:
    false = true = 0
    for example in EXAMPLES:
        text = verified(client, example, example["response"], correct=True)["correction"]["text"]
        if text.strip():
            again = verified(client, example, text)
            assert not again["is_hallucination"], (example["response"], text, again["explanation"])
        false += sum(word in text for word in example["false"])
        true += sum(word in text for word in example["true"])
    assert false <= FALSE_LEFT_MAX
    assert true >= TRUE_KEPT_MIN


def test_mcp_gives_the_same_text_and_it_is_supported_there_too(client: TestClient) -> None:
    for example in EXAMPLES[::4]:  # the same verifier is behind both: some of them show it
        text = corrected_over_mcp(client, example)
        assert text == verified(client, example, example["response"], correct=True)["correction"]["text"]
        if text.strip():
            assert corrected_over_mcp(client, example | {"response": text}) == text
