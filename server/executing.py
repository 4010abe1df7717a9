"""What works off batches, as the settings name it."""

import asyncio
import contextlib
import logging
import time
from typing import Any

from inference.batches.executor import Executor
from inference.batches.fair_slots import FairSlots
from inference.batches.holder import Holder
from inference.batches.leases import Leases
from inference.batches.scan import ScanLimits
from inference.batches.shard_run import Tools
from inference.batches.steps import Steps
from inference.batches.worker import Worker
from server.batch_answers import HouseAnswerer
from server.house import House
from server.logs import LOGGER, log_action


class NoExecutor:
    """Batches are worked off by others."""

    async def start(self) -> None:
        return

    def wake(self) -> None:
        return

    async def aclose(self) -> None:
        return


class InProcess:
    """Batches are worked off by a worker in this process, beside the requests that it answers."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = asyncio.create_task(self._worker.run())

    def wake(self) -> None:
        self._worker.wake()

    async def aclose(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running


def build_executor(house: House) -> Executor:
    """The executor that the settings of `house` name. Does no I/O."""
    if house.settings.executor == "none":
        return NoExecutor()
    return InProcess(build_worker(house))


def build_worker(house: House) -> Worker:
    """A worker over the storage and the models of `house`."""
    settings, storage = house.settings, house.storage
    holder = Holder(settings.workers_dir)
    tools = Tools(
        answerer=HouseAnswerer(house),
        leases=Leases(storage.database, holder.name),
        blobs=storage.blobs,
        slots=FairSlots(settings.batch_lines_running_max),
        lines_abreast=settings.batch_lines_running_max,
        clock=time.monotonic,
    )
    limits = ScanLimits(settings.batch_lines_max, settings.batch_mixed_models, settings.body_bytes_max)
    return Worker(tools, Steps(storage.database), holder, limits, _report)


def _report(action: str, about: dict[str, Any]) -> None:
    error = about.pop("error", None)
    if error is not None:
        text = action + "".join([f" {key}={value}" for key, value in about.items()])
        LOGGER.error("%s", text, exc_info=error)
    else:
        log_action(action, logging.WARNING, **about)
