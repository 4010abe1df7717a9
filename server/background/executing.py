"""What works off batches, as the settings name it."""

import asyncio
import contextlib
import logging
import time
from functools import partial
from typing import Any

from inference.batches.batch import Batch
from inference.batches.executor import Executor
from inference.batches.input.scan import ScanLimits
from inference.batches.working.holder import Holder
from inference.batches.working.leases import Leases
from inference.batches.working.shard_run import Report, Tools
from inference.batches.working.steps import Steps
from inference.batches.working.worker import Worker
from server.answers.batch_answers import HouseAnswerer
from server.answers.line_slots import LineSlots
from server.background.cluster import build_ray_executor
from server.house import House
from server.observe.logs import log_action, log_fault
from server.observe.metrics import Metrics


class NoExecutor:
    """Batches are worked off by others."""

    async def start(self) -> None:
        log_action("batches_wait", note="executor is none: batches wait until a `touchstone worker` takes them")

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
    """The executor that the settings of `house` name. Does no I/O. Raises SettingsError if they cannot go with it."""
    match house.settings.executor:
        case "none":
            return NoExecutor()
        case "ray":
            return build_ray_executor(house.settings)
        case _:
            return InProcess(build_worker(house))


def build_worker(house: House, report: Report | None = None, kept_for: str | None = None) -> Worker:
    """A worker over the storage and the models of `house`. What happens is logged, and told to `report`. It answers
    lines of the batches that are `kept_for` it alone, or of those that are kept for nobody."""
    settings, storage = house.settings, house.storage
    holder = Holder(settings.workers_dir)
    tools = Tools(
        answerer=HouseAnswerer(house),
        leases=Leases(storage.database, holder.name, kept_for, hear=house.accounts.meter.hear),
        blobs=storage.blobs,
        slots=LineSlots(settings.batch_lines_running_max, house.verifier.admission.batch_max).of,
        lines_abreast=settings.batch_lines_running_max,
        clock=time.monotonic,
        watched=house.watching.shard,
    )
    worker = Worker(tools, Steps(storage.database), holder, partial(_limits_of, house), _logged(report, house.metrics))
    house.metrics.batch_shards_running.set_function(lambda: worker.shards_running)
    house.metrics.batch_steps_running.set_function(lambda: worker.steps_running)
    return worker


def _limits_of(house: House, batch: Batch) -> ScanLimits:
    """What the input of `batch` may hold, by the settings and by its plan. Raises PlanNotFound."""
    settings, plan = house.settings, None
    if batch.plan is not None:
        plan = house.accounts.plans.lines_of(batch.plan, batch.endpoint)
    return ScanLimits(settings.batch_lines_max, settings.batch_mixed_models, settings.body_bytes_max, plan)


def _logged(report: Report | None, metrics: Metrics) -> Report:
    def tell(action: str, about: dict[str, Any]) -> None:
        metrics.batch_events.labels(action).inc()
        error = about.pop("error", None)
        if error is not None:
            log_fault(error, action, **about)
            about["reason"] = type(error).__name__
        else:
            log_action(action, logging.WARNING, **about)
        if report is not None:
            report(action, about)

    return tell
