"""A model on the client's side of MCP, for tests of sampling: it answers from a script, and keeps what it was asked."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import mcp_types as types

NAME = "the-clients-own-9b"

Script = Callable[[dict[str, Any], int], str | types.SamplingContent | types.ErrorData | asyncio.Event]
"""From what the judge shows, and how often it asked before, to the answer; an Event that is never set: no answer."""


class ClientsModel:
    """Give `sample` to a client as its `sampling_callback`."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.asked: list[types.CreateMessageRequestParams] = []

    async def sample(
        self, context: Any, params: types.CreateMessageRequestParams
    ) -> types.CreateMessageResult | types.ErrorData:
        answer = self._script(shown_in(params), len(self.asked))
        self.asked.append(params)
        if isinstance(answer, types.ErrorData):
            return answer
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            raise AssertionError("nobody waits for this answer any more")
        content = types.TextContent(text=answer) if isinstance(answer, str) else answer
        return types.CreateMessageResult(role="assistant", content=content, model=NAME, stop_reason="endTurn")


def shown_in(params: types.CreateMessageRequestParams) -> dict[str, Any]:
    """What the judge shows: the JSON of its one user message."""
    content = params.messages[0].content
    assert isinstance(content, types.TextContent)
    shown: dict[str, Any] = json.loads(content.text)
    return shown


def refuting(shown: dict[str, Any], quote: str) -> str:
    """An answer that refutes every claim with `quote` from the first passage that has it."""
    name = next((p["id"] for p in shown["passages"] if quote in p["text"]), "p1")
    evidence = [{"passage": name, "quote": quote}]
    return json.dumps({"claims": [_item(claim, evidence, "refuted") for claim in shown["claims"]]})


def knowing_nothing(shown: dict[str, Any]) -> str:
    """An answer that leaves every claim open."""
    return json.dumps({"claims": [_item(claim, [], "not_enough_evidence") for claim in shown["claims"]]})


def _item(claim: dict[str, Any], evidence: list[dict[str, str]], verdict: str) -> dict[str, Any]:
    return {
        "claim": claim["claim"],
        "statement": claim["text"],
        "evidence": evidence,
        "basis": "evidence",
        "verdict": verdict,
    }
