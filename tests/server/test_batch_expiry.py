"""A batch whose completion window ends: what was answered is kept, and what was not says why."""

import dataclasses
import json
import time
from typing import Any

from harness import ClientOf, RunningUpstream
from starlette.testclient import TestClient

from server.house import build_house
from server.settings import Settings
from tests.robustness.waiting import wait_until
from tests.server.batch_life import CHAT, END_S, chats

LINES = 60
LEFT_S = 4
"""Of its minute, when the batch is made: a test should not take one."""


def results(client: TestClient, file_id: str) -> dict[str, Any]:
    lines = [json.loads(text) for text in client.get(f"/v1/files/{file_id}/content").text.splitlines()]
    return {line["custom_id"]: line for line in lines}


def test_a_batch_that_expires_keeps_what_was_answered_and_names_every_other_line(
    client_of: ClientOf, settings: Settings, upstream: RunningUpstream
) -> None:
    settings = settings.model_copy(update={"engine_url": (upstream.url,), "batch_lines_running_max": 2})
    house = build_house(settings)
    early = dataclasses.replace(house.batches, clock=lambda: time.time() - 60 + LEFT_S)
    client = client_of(settings, dataclasses.replace(house, batches=early))

    lines = "".join(f"{json.dumps(line)}\n" for line in chats(LINES, "slow"))
    file = client.post("/v1/files", files={"file": ("lines.jsonl", lines)}, data={"purpose": "batch"}).json()
    asked = {"input_file_id": file["id"], "endpoint": CHAT, "completion_window": "1m"}
    made = client.post("/v1/batches", json=asked).json()
    assert made["expires_at"] == made["created_at"] + 60

    seen: list[dict[str, Any]] = [made]

    def is_over() -> bool:
        seen.append(client.get(f"/v1/batches/{made['id']}").json())
        return seen[-1]["expired_at"] is not None

    wait_until(is_over, "the batch expires", END_S)
    batch = seen[-1]
    assert batch["status"] == "expired"
    counts = batch["request_counts"]
    assert 0 < counts["completed"] < LINES
    assert counts["completed"] + counts["failed"] == counts["total"] == LINES
    answered, unanswered = results(client, batch["output_file_id"]), results(client, batch["error_file_id"])
    assert len(answered) == counts["completed"]
    assert set(answered) | set(unanswered) == {f"line-{number}" for number in range(LINES)}
    assert set(answered) & set(unanswered) == set()
    assert {line["error"]["code"] for line in unanswered.values()} == {"batch_expired"}
    assert {line["response"] for line in unanswered.values()} == {None}
