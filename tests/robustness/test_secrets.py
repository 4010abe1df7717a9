"""What is secret, and what callers send, is found in no log, figure, description, report or list of processes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import RunningServer, RunningUpstream

from tests.robustness.command_line import touchstone
from tests.robustness.waiting import wait_until

KEY, ENGINE_KEY = "canary-key-of-a-caller", "canary-key-of-the-engine"
WEBHOOK_SECRET = "whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5"  # noqa: S105  of this test
HOOK = "canary-hook"
SENT = "canary-sent"
ENVIRONMENT = {
    "TOUCHSTONE_API_KEYS": KEY,
    "TOUCHSTONE_ENGINE_KEY": ENGINE_KEY,
    "TOUCHSTONE_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "TOUCHSTONE_WEBHOOK_URL": f"http://me:{HOOK}@127.0.0.1:9/{HOOK}?token={HOOK}",
    "TOUCHSTONE_LOG_LEVEL": "debug",
}
CANARIES = ("canary", WEBHOOK_SECRET.removeprefix("whsec_"))


@pytest.fixture
def engine() -> Iterator[RunningUpstream]:
    running = RunningUpstream(key=ENGINE_KEY)
    yield running
    running.stop()


def lines() -> bytes:
    """Some that are answered, some that are refused, and some that the engine answers with nonsense."""
    found = []
    for number, model in enumerate(("echo", "nobody", "strict", "garbage")):
        body = {"model": model, "messages": [{"role": "user", "content": SENT}]}
        found.append({"custom_id": f"{SENT}-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body})
    return b"".join(json.dumps(line).encode() + b"\n" for line in found)


def run_batch(client: httpx.Client, content: bytes) -> dict[str, Any]:
    files = {"file": (f"{SENT}.jsonl", content)}
    file_id = client.post("/v1/files", files=files, data={"purpose": "batch"}).json()["id"]
    asked = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch_id = client.post("/v1/batches", json=asked | {"metadata": {SENT: SENT}}).json()["id"]
    found: dict[str, Any] = {}

    def ended() -> bool:
        found.update(client.get(f"/v1/batches/{batch_id}").json())
        return found["status"] in ("completed", "failed")

    wait_until(ended, "the batch has ended", 90)
    return found


def command_lines(process_id: int) -> str:
    """Those of a process and of all that it has started."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children")
    below = children.read_text().split() if children.exists() else []
    own = Path(f"/proc/{process_id}/cmdline").read_bytes().decode(errors="replace")
    return own + "".join(command_lines(int(child)) for child in below)


def test_nothing_tells_a_secret_or_what_callers_sent(
    start_server: Callable[..., RunningServer], engine: RunningUpstream, tmp_path: Path
) -> None:
    environment = ENVIRONMENT | {"TOUCHSTONE_ENGINE_URL": engine.url}
    server = start_server(data_dir=tmp_path / "data", fresh=True, **environment)
    with server.client(headers={"authorization": f"Bearer {KEY}"}) as client:
        assert run_batch(client, lines())["request_counts"]["completed"] == 1
        assert run_batch(client, f'{{"custom_id": "{SENT}"}}\n{SENT}\n'.encode())["errors"]["data"]
        client.get(f"/v1/files/{SENT}")
        client.get(f"/v1/batches/{SENT}?after={SENT}")
        client.post("/v1/files", files={"file": (f"{SENT}\0", b"")}, data={"purpose": SENT})
        wait_until(lambda: "webhook_waits" in server.log(), "the webhook could not be told")
        told = {
            "metrics": client.get("/metrics").text,
            "openapi": client.get("/openapi.json").text,
            "ready": client.get("/ready").text,
            "processes": command_lines(server.process.pid) if Path("/proc").exists() else "",
        }
    server.stop()
    doctor = touchstone(tmp_path / "data", "doctor", "--offline", "--json", **environment)
    told |= {"log": server.log(), "doctor": doctor.stdout + doctor.stderr}
    assert {name: [c for c in CANARIES if c in text] for name, text in told.items()} == {name: [] for name in told}
