"""Batches through real processes that are killed at random points, over full disks, locked databases and engines that
fail: nothing is lost, nothing counts twice."""

import contextlib
import os
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import RunningServer

from inference.batches.working.result_writer import SEGMENT_LINES_MAX, SEGMENTS_HELD_MAX
from tests.robustness.batch_faults import (
    LIMIT_S,
    Engine,
    Scene,
    assert_each_once,
    begin,
    ended,
    requests,
    results,
    state,
)
from tests.robustness.small_disk import data_folder_on, small_disk
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

SEED = int(os.environ.get("TOUCHSTONE_FAULT_SEED", secrets.randbelow(2**32)))
LINES_ABREAST = 16

DISK_KIB = 8 * 1024


def unwritten_max(lines_abreast: int) -> int:
    """Answers of one worker that are not counted yet: two shards, each with what is being written and what is held to
    be written next; either may grow past its bound by what was under way."""
    return 2 * 2 * (SEGMENTS_HELD_MAX * SEGMENT_LINES_MAX + lines_abreast)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.stop()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes. Skips where none may be mounted."""
    with small_disk(tmp_path, DISK_KIB, "-l") as folder:
        yield folder


@pytest.fixture
def data(disk: Path, tmp_path: Path) -> Path:
    return data_folder_on(disk, tmp_path)


@pytest.fixture
def scene(tmp_path: Path, engine: Engine) -> Iterator[Scene]:
    scene = Scene(tmp_path, engine)
    yield scene
    scene.stop()


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("lines", "kills"), [(2_000, 10), pytest.param(20_000, 50, marks=pytest.mark.fuzz)])
def test_whoever_is_killed_and_when_each_line_is_answered_once(
    scene: Scene, engine: Engine, lines: int, kills: int
) -> None:
    print(f"TOUCHSTONE_FAULT_SEED={SEED}")
    chance = random.Random(SEED)  # noqa: S311 - chance that has to be repeatable is no secret
    batch_id = begin(scene.server, requests(lines))
    while scene.kills < kills:
        before = engine.answered
        granted = chance.randrange(1, lines // kills)  # so that some are left at the last kill, whatever is drawn
        engine.grant(granted)
        wanted = chance.randrange(granted)
        wait_until(lambda: engine.answered - before >= wanted, "the engine is asked", LIMIT_S)  # noqa: B023
        time.sleep(chance.random() * chance.choice((0.0, 0.1, 1.0)))  # not for something: to kill at any moment
        for kill in chance.choice(
            ([scene.kill_worker], [scene.kill_worker, scene.kill_server], [scene.kill_worker, scene.kill_worker])
        ):
            kill()
    engine.grant(10 * lines)
    batch = ended(scene.server, batch_id, LIMIT_S)
    assert batch["status"] == "completed", batch
    assert_each_once(scene.server, batch, lines)
    assert engine.answered <= lines + scene.kills * unwritten_max(LINES_ABREAST), (
        "no more is asked again than was not written"
    )


def test_a_server_that_is_told_to_stop_keeps_what_was_answered(
    start_server: Callable[..., RunningServer], engine: Engine, tmp_path: Path
) -> None:
    data, lines = tmp_path / "data", 600
    server = start_server(data_dir=data, TOUCHSTONE_ENGINE_URL=engine.url)
    batch_id = begin(server, requests(lines))
    engine.grant(250)
    wait_until(lambda: engine.answered == 250, "the engine is asked")
    assert server.stop() == 0
    engine.grant(10 * lines)
    server = start_server(data_dir=data, TOUCHSTONE_ENGINE_URL=engine.url)
    assert_each_once(server, ended(server, batch_id, LIMIT_S), lines)
    assert engine.answered <= lines + 64, "what was under way is asked again, and nothing else"


def test_an_engine_that_fails_for_a_while_in_every_way_costs_no_line(
    start_server: Callable[..., RunningServer], engine: Engine
) -> None:
    server = start_server(TOUCHSTONE_ENGINE_URL=engine.url)
    batch_id = begin(server, requests(900))
    for mood in ("500", "429", "garbage", "closing"):
        answered, refused = engine.answered, engine.refused
        engine.grant(200)
        wait_until(lambda: engine.answered - answered >= 200, f"the engine is asked before {mood}")  # noqa: B023
        engine.mood = mood
        engine.grant(1)
        wait_until(lambda: engine.refused - refused >= 64, f"the engine refuses with {mood}")  # noqa: B023
        engine.mood = "well"
    engine.grant(10_000)
    batch = ended(server, batch_id, LIMIT_S)
    assert batch["request_counts"]["completed"] == 900, results(server, batch, "error")[:3]
    assert_each_once(server, batch, 900)


@pytest.mark.fuzz  # for its waits; the same with a clock that runs fast is in tests/inference/batches
@pytest.mark.parametrize("mood", ["500", "garbage"])
def test_an_engine_that_keeps_failing_fails_the_lines_with_the_reason(
    start_server: Callable[..., RunningServer], engine: Engine, mood: str
) -> None:
    server = start_server(TOUCHSTONE_ENGINE_URL=engine.url)
    engine.mood = mood
    batch = ended(server, begin(server, requests(20)), LIMIT_S)
    assert batch["status"] == "completed"
    assert batch["request_counts"] == {"total": 20, "completed": 0, "failed": 20}
    for row in results(server, batch, "error"):
        assert row["error"] or row["response"]["body"]["error"], row


def test_a_database_that_another_process_locks_for_seconds_only_delays(
    start_server: Callable[..., RunningServer], engine: Engine, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    server = start_server(data_dir=data, TOUCHSTONE_ENGINE_URL=engine.url)
    batch_id = begin(server, requests(2_000))
    engine.grant(500)
    wait_until(lambda: state(server, batch_id)["request_counts"]["completed"] >= 100, "it runs")
    with contextlib.closing(sqlite3.connect(data / "store.sqlite3", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        engine.grant(10_000)
        before = engine.answered
        time.sleep(4)  # the fault itself
        assert engine.answered - before <= unwritten_max(64), "asking stops"
        other.execute("ROLLBACK")
    assert_each_once(server, ended(server, batch_id, LIMIT_S), 2_000)


def test_a_disk_that_is_full_for_a_while_only_delays(
    disk: Path, data: Path, start_server: Callable[..., RunningServer], engine: Engine
) -> None:
    server = start_server(data_dir=data, TOUCHSTONE_DISK_FREE_BYTES_MIN="0", TOUCHSTONE_ENGINE_URL=engine.url)
    batch_id = begin(server, requests(3_000))
    engine.grant(500)
    wait_until(lambda: state(server, batch_id)["request_counts"]["completed"] >= 100, "it runs")
    filler = fill(disk)
    engine.grant(20_000)
    wait_until(lambda: "shard_waits" in server.log(), "the worker says that it waits")
    time.sleep(2)  # the fault itself
    assert engine.answered <= 3_000 - 500, "asking stops"
    filler.unlink()
    batch = ended(server, batch_id, LIMIT_S)
    assert_each_once(server, batch, 3_000)


def fill(disk: Path) -> Path:
    """Leaves no byte free on `disk`. Gives the file that takes the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    return filler
