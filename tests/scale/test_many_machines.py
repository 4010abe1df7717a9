"""One server and workers that share nothing but PostgreSQL and S3, each in a process and a data folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from harness import REPOSITORY, RunningServer, RunningUpstream

from tests.clients.serving import clean_environment
from tests.scale.postgresql import PostgreSQL
from tests.scale.s3 import S3Server

LINES = 3_000
END_TIMEOUT_S = 200
"""With the minute after which the leases of a machine that is lost run out."""

STOP_TIMEOUT_S = 90
ENDED = ("completed", "failed", "expired", "cancelled")


@pytest.fixture
def shared(postgresql: PostgreSQL, s3: S3Server, upstream: RunningUpstream) -> Iterator[dict[str, str]]:
    """What all machines are told: where files and batches lie, and who answers."""
    with postgresql.database() as url:
        yield s3.variables | {
            "TOUCHSTONE_DATABASE_URL": url,
            "TOUCHSTONE_BLOBS_URL": s3.new_place(),
            "TOUCHSTONE_ENGINE_URL": f"{upstream.url}/v1",
        }


@pytest.fixture
def start_worker(tmp_path: Path, shared: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts workers as on machines of their own: each has a data folder that no other sees."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        name = f"worker{len(started)}"
        environment = clean_environment(**shared, TOUCHSTONE_DATA_DIR=str(tmp_path / name))
        with (tmp_path / f"{name}.log").open("w") as log:
            command = [sys.executable, "-m", "server.cli", "worker", "--no-web-search"]
            started.append(subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log))
        return started[-1]

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.terminate()
    for worker in started:
        worker.wait(STOP_TIMEOUT_S)


def lines(count: int) -> bytes:
    body = {"model": "echo", "messages": [{"role": "user", "content": "Say something."}]}
    rows = (
        {"custom_id": f"line-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
        for number in range(count)
    )
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def submitted(client: httpx.Client, content: bytes) -> str:
    file = client.post("/v1/files", data={"purpose": "batch"}, files={"file": ("in.jsonl", content)})
    assert file.status_code == 200, file.text
    order = {"input_file_id": file.json()["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = client.post("/v1/batches", json=order)
    assert batch.status_code == 200, batch.text
    batch_id: str = batch.json()["id"]
    return batch_id


def wait_until(client: httpx.Client, batch_id: str, met: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + END_TIMEOUT_S
    while time.monotonic() < deadline:
        batch: dict[str, Any] = client.get(f"/v1/batches/{batch_id}").json()
        if met(batch):
            return batch
        time.sleep(0.1)
    raise AssertionError(f"the batch did not get there: {batch}")


def test_workers_that_share_postgresql_and_s3_answer_each_line_once_though_one_is_killed(
    tmp_path: Path, shared: dict[str, str], start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    server = RunningServer(tmp_path / "server", "--executor", "none", **shared)
    try:
        with server.client() as client:
            batch_id = submitted(client, lines(LINES))
            killed, _ = start_worker(), start_worker()
            wait_until(client, batch_id, lambda batch: batch["request_counts"]["completed"] > 0)
            killed.send_signal(signal.SIGKILL)
            killed.wait(STOP_TIMEOUT_S)
            batch = wait_until(client, batch_id, lambda batch: batch["status"] in ENDED)
            assert batch["status"] == "completed", batch
            assert batch["request_counts"] == {"total": LINES, "completed": LINES, "failed": 0}
            output = client.get(f"/v1/files/{batch['output_file_id']}/content").content
    finally:
        server.stop()
    answered = [orjson.loads(line) for line in output.splitlines()]
    assert sorted(line["custom_id"] for line in answered) == sorted(f"line-{number}" for number in range(LINES))
    assert {line["response"]["status_code"] for line in answered} == {200}
    assert not (tmp_path / "server" / "blobs").exists()  # nothing that others need lies on this machine
    assert not (tmp_path / "server" / "store.sqlite3").exists()
    assert os.listdir(tmp_path / "server") in ([], ["workers"])
