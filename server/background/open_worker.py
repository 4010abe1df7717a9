"""A worker with a house of its own, out of settings alone: what an actor on a cluster opens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from inference.batches.working.shard_run import Report
from inference.batches.working.worker import Worker
from inference.judges.cross_encoder.custom.choice import prepare
from server.background.executing import build_worker
from server.house import build_house, keeping, open_house
from server.observe.logs import configure_logs
from server.settings import Settings


@contextlib.asynccontextmanager
async def open_worker(values: Mapping[str, Any], report: Report) -> AsyncIterator[Worker]:
    """Opens storage and engines that `values` describe, and closes them at the end. The judge is loaded with the first
    line that asks for it.

    Raises SettingsError, StorageError, and JudgeUnavailable if a model for the judge cannot be had.
    """
    settings = Settings(**values)
    configure_logs(settings.log_level, settings.log_format)
    await asyncio.to_thread(prepare, settings.cpu_judge, settings.models_dir)
    house = build_house(settings)
    async with open_house(house), house.watching.tracing.running(), keeping(house):
        yield build_worker(house, report)
