"""Has batches worked off on a Ray cluster: keeps a driver running, in a process of its own.

Ray is loaded there and nowhere else. A driver that ends, as it does when its cluster is lost, is started again, for as
long as it takes until the cluster is back; meanwhile batches wait, and everything else goes on.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.batches.ray.driver_protocol import CONNECT_TIMEOUT_S, READY, REFUSED, STOP_S, read
from inference.batches.working.shard_run import Report
from inference.engine.child.log_lines import LogLine
from inference.engine.child.process import ChildProcess
from inference.errors import EngineUnavailable, SettingsError

START_TIMEOUT_S = CONNECT_TIMEOUT_S + 30.0
"""For the driver to load Ray, join the cluster, and say so. Loading it takes seconds where the disk is slow."""

DRIVER_STOP_S = STOP_S + 2.0

RESTART_PAUSES_S = (1.0, 5.0, 15.0, 30.0)
"""Before a driver is started again; the last for as long as it takes."""


@dataclass(frozen=True, slots=True)
class DriverCommand:
    """How the driver is started. Its environment holds what may not be seen in a list of processes."""

    command: Sequence[str]
    environment: Mapping[str, str]


class RayExecutor:
    """An `Executor`. `report` is where it tells what happens."""

    def __init__(self, driver: DriverCommand, report: Report) -> None:
        self.cluster: Mapping[str, Any] = {}
        """What the cluster was like when it was last joined: `machines`, `cpus`."""
        self._driver = driver
        self._report = report
        self._child: ChildProcess | None = None
        self._joined: asyncio.Future[dict[str, Any]] | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Joins the cluster. Raises SettingsError if there is none, or if it cannot be used."""
        try:
            child = await self._start_driver()
        except EngineUnavailable as error:
            raise SettingsError(f"setting executor: {error.message}") from error
        self._keeping = asyncio.create_task(self._keep(child))

    def wake(self) -> None:
        """Does nothing: actors look for work every two seconds, and whoever works finds what comes next by itself."""

    async def aclose(self) -> None:
        """Stops the actors in order, within a bound, and the driver."""
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
        if self._child is not None:
            await self._child.stop(stop_s=DRIVER_STOP_S)
            self._child = None

    async def _keep(self, child: ChildProcess) -> None:
        failures = 0
        while True:
            code = await child.wait()
            self._child = None
            self._report("ray_lost", {"exit_code": code, "reason": _last_words(child)})
            while self._child is None:
                await asyncio.sleep(RESTART_PAUSES_S[min(failures, len(RESTART_PAUSES_S) - 1)])
                failures += 1
                try:
                    child = await self._start_driver()
                except (SettingsError, EngineUnavailable) as error:
                    self._report("ray_waits", {"reason": error.message})
            failures = 0
            self._report("ray_back", dict(self.cluster))

    async def _start_driver(self) -> ChildProcess:
        """A driver that has joined the cluster. Raises SettingsError with what it said if it cannot."""
        joined = self._joined = asyncio.get_running_loop().create_future()
        child = await ChildProcess.start(
            self._driver.command, self._driver.environment, self._hear, stop_s=DRIVER_STOP_S
        )
        ended = asyncio.ensure_future(child.ended_within(START_TIMEOUT_S))
        try:
            await asyncio.wait({joined, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not joined.done() and ended.result():
                await child.wait()  # until its last words are heard
            if not joined.done():
                said = _last_words(child) if ended.result() else f"it said nothing in {START_TIMEOUT_S:g} s"
                raise SettingsError(f"setting executor: the driver of Ray could not start: {said}")
            self.cluster = joined.result()
        except BaseException:
            await child.stop(stop_s=0)
            raise
        finally:
            ended.cancel()
        self._child = child
        return child

    def _hear(self, line: LogLine) -> None:
        event = read(line.text)
        if event is None:
            return  # Ray's own; the last of them are looked at if the driver ends
        action, about = event
        if action not in (READY, REFUSED):
            self._report(action, about)
        elif self._joined is not None and not self._joined.done():
            if action == READY:
                self._joined.set_result(about)
            else:
                self._joined.set_exception(SettingsError(about["reason"]))


def _last_words(child: ChildProcess) -> str:
    """What the driver wrote last, as far as it is not ours."""
    return next((line for line in reversed(child.lines) if read(line) is None), "it said nothing")
