"""Lines of batches that verify have places of their own, so that nobody's chats wait for them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from harness import ClientOf, RunningUpstream
from starlette.testclient import TestClient

from inference.batches.batch import Batch, Endpoint, Status
from inference.batches.line import Line
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.testing.plain_words_judge import PlainWordsJudge
from inference.verdict import Judgement
from server.answers.line_slots import LineSlots
from server.house import build_house
from server.settings import Settings
from tests.robustness.waiting import wait_until
from tests.server.batch_life import CHAT, END_S, VERIFY, chats, line
from tests.server.batch_life import Line as Sent


class SilentJudge(PlainWordsJudge):
    """Never answers."""

    asked = 0

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        self.asked += 1
        await asyncio.Event().wait()
        yield  # type: ignore[misc]


def verifications(count: int) -> list[Sent]:
    body = {"prompt": "Where is it?", "output": "The tower is in Rome.", "context": "The tower is in Paris."}
    return [line(f"line-{number}", body, VERIFY) for number in range(count)]


def submitted(client: TestClient, lines: Sequence[Sent], endpoint: str) -> str:
    text = "".join(f"{json.dumps(item)}\n" for item in lines)
    file = client.post("/v1/files", files={"file": ("lines.jsonl", text)}, data={"purpose": "batch"}).json()
    asked = {"input_file_id": file["id"], "endpoint": endpoint, "completion_window": "24h"}
    return str(client.post("/v1/batches", json=asked).json()["id"])


def test_a_batch_of_chats_does_not_wait_for_one_of_verifications(
    client_of: ClientOf, settings: Settings, upstream: RunningUpstream
) -> None:
    settings = settings.model_copy(update={"engine_url": (upstream.url,), "batch_lines_running_max": 4})
    judge = SilentJudge()
    client = client_of(settings, build_house(settings, judge=judge))
    submitted(client, verifications(40), VERIFY)
    wait_until(lambda: judge.asked > 0, "the judge is asked", END_S)
    chat = submitted(client, chats(30), CHAT)
    wait_until(lambda: client.get(f"/v1/batches/{chat}").json()["status"] == "completed", "the chats", END_S)


@pytest.mark.parametrize(
    ("endpoint", "body", "verifies"),
    [
        (Endpoint.VERIFY, {}, True),
        (Endpoint.CHAT, {"model": "touchstone/verify"}, True),
        (Endpoint.CHAT, {"model": "echo", "verify": True}, True),
        (Endpoint.CHAT, {"model": "echo"}, False),
        (Endpoint.EMBEDDINGS, {"model": "echo"}, False),
    ],
)
async def test_what_verifies_takes_one_of_the_places_for_verifications(
    endpoint: Endpoint, body: dict[str, Any], verifies: bool
) -> None:
    slots = LineSlots(requests_max=64, verifications_max=1)
    verify = slots.of(of(Endpoint.VERIFY), Line(0, "one", {}))
    await verify.take("o", "b", 0)
    asked = asyncio.create_task(slots.of(of(endpoint), Line(0, "one", body)).take("o", "b", 0))
    if verifies:
        await asyncio.sleep(0)
        assert not asked.done()
        verify.give_back()
    await asyncio.wait_for(asked, END_S)


def of(endpoint: Endpoint) -> Batch:
    return Batch("batch_1", "owner", Status.IN_PROGRESS, endpoint, "24h", "file-1", 0, 86_400)
