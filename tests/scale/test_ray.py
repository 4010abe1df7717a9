"""`--executor ray` on a real cluster: what actors do counts once, whoever of them dies."""

import asyncio
import os
import random
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import orjson
import pytest
from harness import RunningServer, RunningUpstream

from inference.batches.batch import ENDED, Batch, Endpoint, Status
from inference.blobs.blobs import one_chunk
from inference.errors import SettingsError
from inference.files.content import content
from inference.files.file import File, Part, Purpose
from server.background.cluster import build_ray_executor
from server.doctor.finding import Status as Finding
from server.doctor.ray import ray
from server.settings import Settings
from server.storage import Storage, build_storage, open_storage
from tests.robustness.waiting import wait_until
from tests.scale.ray_cluster import RayCluster, running_cluster

pytestmark = pytest.mark.timeout(400)

WORK_TIMEOUT_S = 150
"""For what takes some ten seconds on a machine that does nothing else."""
Start = Callable[..., RunningServer]
Found = TypeVar("Found")


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def serve(
    start_server: Start, upstream: RunningUpstream, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., RunningServer]:
    """Starts a server whose batches are worked off on a cluster."""
    monkeypatch.setattr("harness.START_TIMEOUT_S", float(WORK_TIMEOUT_S))  # Ray takes its time, beside other tests

    def start(cluster: RayCluster, data_dir: Path, *flags: str) -> RunningServer:
        options = ("--executor", "ray", "--ray-address", cluster.address, "--ray-actors", "2")
        lines = ("--batch-lines-running-max", "4", "--engine-url", upstream.url)
        return start_server(*options, *lines, *flags, data_dir=data_dir, **cluster.environment)

    return start


async def submit(storage: Storage, lines: int, model: str = "echo") -> str:
    """A batch of so many chat requests. Gives its id."""
    now, number = int(time.time()), secrets.randbelow(10**9)
    text = b"".join(_line(n, model) for n in range(lines))
    await storage.blobs.write(f"files/{number}", one_chunk(text))
    file = File(f"file-{number}", "local", "in.jsonl", Purpose.BATCH, len(text), now)
    await storage.files.add(file, [Part(f"files/{number}", len(text))])
    batch = Batch(f"batch_{number}", "local", Status.VALIDATING, Endpoint.CHAT, "24h", file.id, now, now + 86_400)
    await storage.batches.add(batch)
    return batch.id


def _line(number: int, model: str) -> bytes:
    body = {"model": model, "messages": [{"role": "user", "content": f"line {number}"}]}
    line = {"custom_id": f"r{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
    return orjson.dumps(line) + b"\n"


async def ids_of_results(storage: Storage, batch: Batch) -> list[str]:
    """The custom_id of each result, in the output file and the error file."""
    found = []
    for file_id in filter(None, (batch.output_file_id, batch.error_file_id)):
        _, parts = await storage.files.parts("local", file_id)
        text = b"".join([chunk async for chunk in content(storage.blobs, parts)])
        found += [orjson.loads(line)["custom_id"] for line in text.splitlines()]
    return found


async def test_every_line_is_answered_once_while_actors_are_killed(
    cluster: RayCluster, serve: Callable[..., RunningServer], tmp_path: Path
) -> None:
    chance, kills = random.Random(5), 0  # noqa: S311  no secret
    settings = Settings(data_dir=tmp_path / "data", web_search=False)
    storage = build_storage(settings)
    async with open_storage(settings, storage):
        batch_id = await submit(storage, 2_000)
        server = serve(cluster, settings.data_dir)
        counted = 0
        async with asyncio.timeout(WORK_TIMEOUT_S):
            while (batch := await storage.batches.get("local", batch_id)).status not in ENDED:
                alive = cluster.actors()
                if batch.completed > counted and alive and kills < 8:
                    os.kill(chance.choice(alive), signal.SIGKILL)
                    kills, counted = kills + 1, batch.completed
                await asyncio.sleep(0.1)
        assert batch.status is Status.COMPLETED
        assert (batch.total, batch.completed, batch.failed) == (2_000, 2_000, 0)
        assert sorted(await ids_of_results(storage, batch)) == sorted(f"r{number}" for number in range(2_000))
    assert kills >= 3, "the batch was over too soon for this test to say anything"
    assert server.stop() == 0


async def test_doctor_joins_the_cluster_and_says_what_room_there_is(
    cluster: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", cluster.environment["PYTHONPATH"])
    settings = Settings(data_dir=tmp_path, executor="ray", ray_address=cluster.address, ray_actors=2)
    found = await ray(settings)
    assert (found.status, found.facts) == (Finding.FINE, {"machines": 1, "cpus": 2, "actors": 0})
    crowded = await ray(settings.model_copy(update={"ray_actors": 3}))
    assert (crowded.status, crowded.detail) == (Finding.WRONG, "the cluster has 2 CPUs for 3 actors, one each")


async def test_where_no_cluster_is_the_start_ends_and_says_what_to_do(
    cluster: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", cluster.environment["PYTHONPATH"])
    executor = build_ray_executor(Settings(data_dir=tmp_path, executor="ray", ray_address="127.0.0.1:1"))
    try:
        with pytest.raises(SettingsError, match="there is no Ray cluster that can be joined from here; start one"):
            await executor.start()
    finally:
        await executor.aclose()


async def test_a_stop_in_order_frees_what_is_leased(
    cluster: RayCluster, serve: Callable[..., RunningServer], tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path / "data", web_search=False)
    storage = build_storage(settings)
    async with open_storage(settings, storage):
        await submit(storage, 3_000, model="silent")
        server = serve(cluster, settings.data_dir)
        await _until(lambda: _leased(storage))
        assert server.stop() == 0
        assert await _leased(storage) == 0
    wait_until(lambda: not cluster.actors(), "no actor is left")


async def _leased(storage: Storage) -> int:
    async with storage.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT number FROM shards WHERE holder IS NOT NULL AND finished = 0")
        return len(rows.all())


async def test_what_a_lost_cluster_had_begun_is_ended_on_the_next(
    serve: Callable[..., RunningServer], tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path / "data", web_search=False)
    storage = build_storage(settings)
    with running_cluster() as cluster:
        async with open_storage(settings, storage):
            server = serve(cluster, settings.data_dir)
            first = await submit(storage, 50)
            await _end_of(storage, first)
            cluster.stop()
            wait_until(lambda: "ray_lost" in server.log(), "the loss is told", WORK_TIMEOUT_S)
            second = await submit(storage, 50)
            with server.client() as client:
                assert client.get("/v1/models").status_code == 200
            wait_until(lambda: "ray_waits" in server.log(), "the wait is told", WORK_TIMEOUT_S)
            cluster.start()
            batch = await _end_of(storage, second)
            assert batch.completed == 50
            assert "ray_back" in server.log()
        assert server.stop() == 0


async def _end_of(storage: Storage, batch_id: str) -> Batch:
    return await _until(lambda: _ended(storage, batch_id))


async def _ended(storage: Storage, batch_id: str) -> Batch | None:
    batch = await storage.batches.get("local", batch_id)
    return batch if batch.status in ENDED else None


async def _until(look: Callable[[], Awaitable[Found | None]]) -> Found:
    """What `look` finds once it finds something: other processes do it, and tell nobody but the store."""
    async with asyncio.timeout(WORK_TIMEOUT_S):
        while not (found := await look()):  # noqa: ASYNC110  nothing else tells
            await asyncio.sleep(0.1)
        return found
