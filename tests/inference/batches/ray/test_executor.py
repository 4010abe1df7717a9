"""A driver of a cluster is kept running. Here a program without Ray stands in for it; tests/scale has the real one."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from inference.batches.ray.driver_protocol import READY, REFUSED, read, written
from inference.batches.ray.executor import DriverCommand, RayExecutor
from inference.errors import SettingsError

Said = list[tuple[str, dict[str, Any]]]
LIMIT_S = 150.0
"""Four Pythons start in it, beside whatever else the machine does."""

pytestmark = [pytest.mark.timeout(200), pytest.mark.process]


def driver(*lines: str, then: str = "import threading; threading.Event().wait()") -> str:
    """A program that writes these lines and then does something."""
    return "\n".join([f"print({line!r}, flush=True)" for line in lines] + [then])


@asynccontextmanager
async def executing(program: str) -> AsyncIterator[tuple[RayExecutor, Said]]:
    said: Said = []
    command = DriverCommand((sys.executable, "-c", program), os.environ)
    executor = RayExecutor(command, lambda action, about: said.append((action, about)))
    try:
        yield executor, said
    finally:
        await executor.aclose()


async def until(said: Said, holds: Callable[[list[str]], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not holds([action for action, _ in said]):  # noqa: ASYNC110  a process says it
            await asyncio.sleep(0.02)


async def test_a_driver_that_joined_tells_of_its_cluster_and_of_what_happens_there() -> None:
    program = driver("Ray says something", written(READY, {"machines": 3, "cpus": 9}), written("shard_lost", {"a": 1}))
    async with executing(program) as (executor, said):
        await executor.start()
        executor.wake()
        assert executor.cluster == {"machines": 3, "cpus": 9}
        await until(said, lambda actions: actions == ["shard_lost"])


async def test_a_cluster_that_cannot_be_joined_stops_the_start_and_says_why() -> None:
    async with executing(driver(written(REFUSED, {"reason": "there is no cluster"}), then="exit(1)")) as (executor, _):
        with pytest.raises(SettingsError, match="there is no cluster"):
            await executor.start()


async def test_a_driver_that_ends_before_it_said_anything_is_told_of_by_its_last_words() -> None:
    async with executing("raise SystemExit('no such module: server')") as (executor, _):
        with pytest.raises(SettingsError, match="could not start: no such module: server"):
            await executor.start()


async def test_a_driver_that_loses_its_cluster_is_started_again_until_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.batches.ray.executor.RESTART_PAUSES_S", (0.0,))
    ready, refused = written(READY, {"machines": 1}), written(REFUSED, {"reason": "nobody there"})
    program = f"""
from pathlib import Path
file = Path({str(tmp_path / "starts")!r})
starts = len(file.read_text()) if file.exists() else 0
file.write_text("x" * (starts + 1))
print({ready!r} if starts in (0, 3) else {refused!r}, flush=True)
if starts == 0:
    print("Failed to connect to GCS", flush=True)
elif starts == 3:
    import threading; threading.Event().wait()
raise SystemExit(1)
"""
    async with executing(program) as (executor, said):
        await executor.start()
        await until(said, lambda actions: "ray_back" in actions)
    assert said == [
        ("ray_lost", {"exit_code": 1, "reason": "Failed to connect to GCS"}),
        ("ray_waits", {"reason": "nobody there"}),
        ("ray_waits", {"reason": "nobody there"}),
        ("ray_back", {"machines": 1}),
    ]


@pytest.mark.parametrize("line", ["", "touchstone-ray: [", "Ray: touchstone-ray: []", "x" * 2000])
def test_what_is_no_line_of_ours_is_passed_over(line: str) -> None:
    assert read(line) is None


def test_a_line_stays_short_enough_to_arrive_whole() -> None:
    line = written("shard_failed", {"reason": "é" * 5000, "shard": 7})
    assert len(line) < 1000
    assert read(line) == ("shard_failed", {"reason": "é" * 500, "shard": 7})
