"""A batch whose completion window ends: what was answered is kept, and what was not says why."""

import contextlib
import json
import sqlite3
from typing import Any

import pytest
from harness import ClientOf, RunningUpstream
from starlette.testclient import TestClient

from inference.batches.working import shard_run
from server.settings import Settings
from tests.robustness.waiting import wait_until
from tests.server.batch_life import CHAT, END_S, some_answered

ANSWERED, LINES = 7, 60


def results(client: TestClient, file_id: str) -> dict[str, Any]:
    lines = [json.loads(text) for text in client.get(f"/v1/files/{file_id}/content").text.splitlines()]
    return {line["custom_id"]: line for line in lines}


def end_window(settings: Settings, batch_id: str) -> None:
    """As if its minute were over: a test should not take one."""
    with contextlib.closing(sqlite3.connect(settings.data_dir / "store.sqlite3", isolation_level=None)) as store:
        changed = store.execute("UPDATE batches SET expires_at = created_at WHERE id = ?", (batch_id,))
        assert changed.rowcount == 1


def test_a_batch_that_expires_keeps_what_was_answered_and_names_every_other_line(
    client_of: ClientOf, settings: Settings, upstream: RunningUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_run, "ENDING_GRACE_S", 0.01)  # what is being asked never gets an answer
    settings = settings.model_copy(update={"engine_url": (upstream.url,), "batch_lines_running_max": 2})
    client = client_of(settings)

    lines = "".join(f"{json.dumps(line)}\n" for line in some_answered(ANSWERED, LINES))
    file = client.post("/v1/files", files={"file": ("lines.jsonl", lines)}, data={"purpose": "batch"}).json()
    asked = {"input_file_id": file["id"], "endpoint": CHAT, "completion_window": "1m"}
    made = client.post("/v1/batches", json=asked).json()
    assert made["expires_at"] == made["created_at"] + 60

    seen: list[dict[str, Any]] = [made]

    def look() -> dict[str, Any]:
        seen.append(client.get(f"/v1/batches/{made['id']}").json())
        return seen[-1]

    wait_until(lambda: look()["request_counts"]["completed"] == ANSWERED, "some lines are answered", END_S)
    end_window(settings, made["id"])
    wait_until(lambda: look()["expired_at"] is not None, "the batch expires", END_S)
    batch = seen[-1]
    assert batch["status"] == "expired"
    assert batch["request_counts"] == {"total": LINES, "completed": ANSWERED, "failed": LINES - ANSWERED}
    answered, unanswered = results(client, batch["output_file_id"]), results(client, batch["error_file_id"])
    assert set(answered) == {f"line-{number}" for number in range(ANSWERED)}
    assert set(unanswered) == {f"line-{number}" for number in range(ANSWERED, LINES)}
    assert {line["error"]["code"] for line in unanswered.values()} == {"batch_expired"}
    assert {line["response"] for line in unanswered.values()} == {None}
