"""Batches over REST, as a client runs them: the input uploaded, a batch made of it, and its end waited for."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.running import Running

POLL_S = 0.25
"""Between two looks at a batch: the error of its time. Each is a live request, for which lines step aside."""

TIMEOUT_S = 7200.0
"""For a million lines on a machine that is busy with other work."""

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
CHUNK_LINES = 1_000


def write_lines(path: Path, count: int, model: str) -> None:
    """A file of `count` chat completions, about 250 bytes each."""
    with path.open("w") as file:
        for start in range(0, count, CHUNK_LINES):
            numbers = range(start, min(count, start + CHUNK_LINES))
            file.writelines(json.dumps(_line(number, model)) + "\n" for number in numbers)


def _line(number: int, model: str) -> dict[str, Any]:
    messages = [
        {"role": "system", "content": "Answer in one sentence."},
        {"role": "user", "content": f"Where does the Eiffel Tower stand? This is question {number}."},
    ]
    body = {"model": model, "messages": messages, "max_tokens": 16, "temperature": 0.2}
    return {"custom_id": f"request-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}


async def upload(server: Running, path: Path) -> str:
    """Uploads the file for batches. Returns its id."""
    async with _client(server) as client:
        with path.open("rb") as file:
            answer = await client.post("/v1/files", data={"purpose": "batch"}, files={"file": (path.name, file)})
    return str(answer.raise_for_status().json()["id"])


async def run_batch(server: Running, file_id: str) -> AsyncGenerator[tuple[float, dict[str, Any]]]:
    """Makes a batch of the file and yields how it is, with the seconds since it was made, until it has ended. Raises
    RuntimeError unless every line is answered, TimeoutError after TIMEOUT_S."""
    asked = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    async with _client(server) as client, asyncio.timeout(TIMEOUT_S):
        started = time.perf_counter()
        batch = (await client.post("/v1/batches", json=asked)).raise_for_status().json()
        while batch["status"] not in ENDED:
            await asyncio.sleep(POLL_S)
            batch = (await client.get(f"/v1/batches/{batch['id']}")).raise_for_status().json()
            yield time.perf_counter() - started, batch
    counts = batch["request_counts"]
    if batch["status"] != "completed" or counts["completed"] != counts["total"]:
        raise RuntimeError(f"the batch ended as {batch['status']} with {counts}: {batch.get('errors')}")


async def seconds_of(server: Running, file_id: str) -> float:
    """How long a batch of the file takes, from when it is made to when its results can be read."""
    looks = [seconds async for seconds, _ in run_batch(server, file_id)]
    return looks[-1]


def _client(server: Running) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=TIMEOUT_S, trust_env=False)
