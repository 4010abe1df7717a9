"""A batch, the processes that work it off and are killed meanwhile, and the count of what came of it."""

import asyncio
import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from aiohttp import web
from harness import REPOSITORY, RunningServer

from tests.robustness.command_line import COMMAND, environment

LIMIT_S = 120.0
ENDED = ("completed", "failed", "expired", "cancelled")

ResultT = TypeVar("ResultT")


def requests(lines: int, model: str = "echo") -> bytes:
    """The input file of a batch, each of whose answers says which request it belongs to."""
    rows = (
        {
            "custom_id": f"r{number}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": model, "messages": [{"role": "user", "content": f"the text of r{number}"}]},
        }
        for number in range(lines)
    )
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def begin(server: RunningServer, content: bytes) -> str:
    """Uploads an input file and makes a batch of it. Returns its id."""
    with server.client() as client:
        sent = client.post("/v1/files", data={"purpose": "batch"}, files={"file": ("in.jsonl", content)})
        assert sent.status_code == 200, sent.text
        asked = {"input_file_id": sent.json()["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        made = client.post("/v1/batches", json=asked)
        assert made.status_code == 200, made.text
        return str(made.json()["id"])


def state(server: RunningServer, batch_id: str) -> dict[str, Any]:
    with server.client() as client:
        answer = client.get(f"/v1/batches/{batch_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ended(server: RunningServer, batch_id: str, limit_s: float) -> dict[str, Any]:
    """The batch once it has ended."""
    deadline = time.monotonic() + limit_s
    while (batch := state(server, batch_id))["status"] not in ENDED:
        assert time.monotonic() < deadline, f"it has not ended after {limit_s:g} s: {batch}\n{server.log()[-3000:]}"
        time.sleep(0.1)
    return batch


def results(server: RunningServer, batch: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The lines of the output or error file."""
    file_id = batch[f"{kind}_file_id"]
    if file_id is None:
        return []
    with server.client() as client:
        answer = client.get(f"/v1/files/{file_id}/content")
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.content.splitlines()]


def assert_each_once(server: RunningServer, batch: dict[str, Any], lines: int) -> None:
    """Every custom_id is in exactly one of the files, once, with its own answer, and the counts say the same."""
    output, error = results(server, batch, "output"), results(server, batch, "error")
    times = Counter(row["custom_id"] for row in (*output, *error))
    assert set(times) == {f"r{number}" for number in range(lines)}, "each is there"
    assert set(times.values()) == {1}, f"twice: {[name for name, count in times.items() if count > 1][:5]}"
    assert batch["request_counts"] == {"total": lines, "completed": len(output), "failed": len(error)}
    for row in output:
        said = row["response"]["body"]["choices"][0]["message"]["content"]
        assert said == f"the text of {row['custom_id']}"
    assert batch["usage"]["output_tokens"] == 4 * len(output), "tokens are counted once too"
    counted = {"requests": lines, "input_tokens": 3 * len(output), "output_tokens": 4 * len(output)}
    assert used(server) == counted, "and so is the usage of the key"


def used(server: RunningServer) -> dict[str, int]:
    """What was ever counted for the key of whoever sends none, which asks the model echo alone."""
    with server.client() as client:
        items = client.get("/v1/usage").json()["data"]
    assert {(item["key_id"], item["model"]) for item in items} == {("local", "echo")}
    return {name: sum(item[name] for item in items) for name in ("requests", "input_tokens", "output_tokens")}


class RunningWorker:
    """A `touchstone worker` beside a server, on the same data folder."""

    def __init__(self, data_dir: Path, log: Path, **variables: str) -> None:
        self._out: BinaryIO = log.open("ab")
        self.process = subprocess.Popen(
            [*COMMAND, "worker"],
            cwd=REPOSITORY,
            env=environment(data_dir, **variables),
            stdout=self._out,
            stderr=self._out,
        )

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._out.close()


class Engine:
    """An engine over real HTTP that echoes, and answers only as many requests as it was granted. In a `mood` other than
    "well" it answers 429, 500 or garbage, or closes the connection."""

    def __init__(self) -> None:
        self.answered = 0
        self.mood = "well"
        self.refused = 0
        self._granted = 0
        self._news = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.url = self._run(self._start())

    def grant(self, answers: int) -> None:
        """Answers so many more."""
        self._loop.call_soon_threadsafe(self._grant, answers)

    def stop(self) -> None:
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT_S)
        self._loop.close()

    def _grant(self, answers: int) -> None:
        self._granted += answers
        self._news.set()

    def _run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT_S)

    async def _start(self) -> str:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "echo", "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.Response:
        asked = await request.json()
        while self.mood == "well" and self._granted <= 0:
            self._news.clear()
            await self._news.wait()
        if self.mood != "well":
            self.refused += 1
            return self._badly(request)
        self._granted -= 1
        self.answered += 1
        message = {"role": "assistant", "content": asked["messages"][-1]["content"]}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
        return web.json_response(
            {"id": "c", "object": "chat.completion", "created": 1, "model": "echo", "choices": [choice], "usage": usage}
        )

    def _badly(self, request: web.Request) -> web.Response:
        if self.mood == "429":
            return web.json_response({"error": {"message": "full"}}, status=429, headers={"retry-after": "1"})
        if self.mood == "500":
            return web.json_response({"error": {"message": "CUDA error"}}, status=500)
        if self.mood == "garbage":
            return web.Response(text="<html>Welcome to nginx!</html>", content_type="text/html")
        assert request.transport is not None
        request.transport.abort()
        raise asyncio.CancelledError


@dataclass
class Scene:
    """A server and a worker that are killed and started again. They share a data folder and nothing else."""

    folder: Path
    engine: Engine
    kills: int = 0

    def __post_init__(self) -> None:
        self.data_dir = self.folder / "data"
        self.variables = {"TOUCHSTONE_ENGINE_URL": self.engine.url, "TOUCHSTONE_BATCH_LINES_RUNNING_MAX": "16"}
        self.server = self._start_server()
        self.worker = self._start_worker()

    def _start_server(self) -> RunningServer:
        return RunningServer(self.data_dir, **self.variables)

    def _start_worker(self) -> RunningWorker:
        return RunningWorker(self.data_dir, self.folder / "worker.log", **self.variables)

    def kill_server(self) -> None:
        """Kills the server without warning, and starts it again."""
        self.kills += 1
        self.server.process.kill()
        self.server.process.wait()
        self.server = self._start_server()

    def kill_worker(self) -> None:
        """The same with the worker, which may be killed again before it has come far."""
        self.kills += 1
        self.worker.kill()
        self.worker = self._start_worker()

    def stop(self) -> None:
        self.worker.kill()
        self.server.process.kill()
        self.server.process.wait()
