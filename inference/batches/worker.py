"""Works off whatever the store says is to be done: validates inputs, runs shards, makes the files of results.

The same loop in the server's process, in `touchstone worker`, and in an actor on a cluster. Any number of workers may
run beside each other and end at any moment.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from inference.batches.batch import Ending, Status
from inference.batches.finishing import finish_batch
from inference.batches.holder import Holder
from inference.batches.leases import LEASE_S, LeaseLost, Leases, StepLease
from inference.batches.scan import ScanLimits
from inference.batches.shard_run import ShardRun, Tools
from inference.batches.steps import Steps
from inference.batches.validating import validate_batch
from inference.errors import StorageError

POLL_S = 2.0
"""Between two looks at whether there is something to do, where nobody tells."""

ENDINGS_S = 1.0
"""Between two looks at whether a batch that is worked on was cancelled or has expired."""

RENEW_S = LEASE_S / 4

SHARDS_MAX = 32
"""Shards under way in one worker: batches that are worked off beside each other, two shards each."""

SHARDS_OF_A_BATCH_MAX = 2
"""The second fills the gaps that the first leaves towards its end."""

STOP_S = 5.0
"""For what was answered to be saved at a stop. What is under way then is asked again later."""

TROUBLE_PAUSE_S = 2.0
"""Before another try, after the database or the blobs could not be used."""

Report = Callable[[str, dict[str, Any]], None]
"""Where a worker tells what happens: an action, and what belongs to it."""


class Worker:
    """One worker. `run` goes on until it is cancelled."""

    def __init__(self, tools: Tools, steps: Steps, holder: Holder, limits: ScanLimits, report: Report) -> None:
        self._tools = tools
        self._leases: Leases = tools.leases
        self._steps = steps
        self._holder = holder
        self._limits = limits
        self._report = report
        self._runs: dict[asyncio.Task[None], ShardRun] = {}
        self._step: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    @property
    def holder(self) -> str:
        """The name under which it leases."""
        return self._leases.holder

    async def release(self, holders: Sequence[str]) -> None:
        """Frees what other workers had leased that are known to be dead. Raises StoreUnavailable."""
        await self._leases.release(holders)
        self._news.set()

    def wake(self) -> None:
        """There is something new to do."""
        self._news.set()

    async def run(self) -> None:
        """Works until it is cancelled; then it keeps what was answered, and gives back what it has leased."""
        self._holder.open()
        tending = asyncio.create_task(self._tend())
        try:
            while True:
                self._news.clear()
                await self._patiently(self._claim())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._news.wait()
        finally:
            tending.cancel()
            await asyncio.wait({tending})
            await self._stop()
            self._holder.close()

    async def _claim(self) -> None:
        """Takes as much as there is room for."""
        if self._step is None and (step := await self._leases.claim_step()) is not None:
            self._step = asyncio.create_task(self._patiently(self._take_step(step)))
            self._step.add_done_callback(self._step_done)
        while len(self._runs) < SHARDS_MAX:
            busy = Counter(run.lease.batch.id for run in self._runs.values())
            full = [batch_id for batch_id, shards in busy.items() if shards >= SHARDS_OF_A_BATCH_MAX]
            lease = await self._leases.claim_shard(passing_over=full)
            if lease is None:
                return
            run = ShardRun(self._tools, lease)
            task = asyncio.create_task(self._run(run))
            self._runs[task] = run
            task.add_done_callback(self._run_done)

    async def _run(self, run: ShardRun) -> None:
        try:
            await run.run()
        except* LeaseLost:
            self._report("shard_lost", _names(run))
        except* StorageError as errors:
            self._report("shard_failed", _names(run) | {"reason": str(errors.exceptions[0])})
            await asyncio.sleep(TROUBLE_PAUSE_S)
            with contextlib.suppress(StorageError, LeaseLost):
                await run.save()

    def _run_done(self, task: asyncio.Task[None]) -> None:
        del self._runs[task]
        self._news.set()

    async def _take_step(self, step: StepLease) -> None:
        try:
            if step.batch.status is Status.VALIDATING:
                await validate_batch(self._tools.blobs, self._steps, step, self._limits)
            else:
                await finish_batch(self._tools.blobs, self._steps, step)
        except LeaseLost:
            self._report("step_lost", {"batch": step.batch.id})

    def _step_done(self, task: asyncio.Task[None]) -> None:
        self._step = None
        self._news.set()

    async def _tend(self) -> None:
        """Keeps the leases, and looks who is dead and which batches end."""
        since_renewal = RENEW_S
        while True:
            if since_renewal >= RENEW_S:
                since_renewal = 0.0
                await self._patiently(self._release_the_dead())
            if self._runs or self._step is not None:
                await self._patiently(self._hear_endings())
            await self._patiently(self._steps.expire())
            await asyncio.sleep(ENDINGS_S)
            since_renewal += ENDINGS_S

    async def _release_the_dead(self) -> None:
        dead = self._holder.dead(await self._leases.holders())
        if dead:
            await self._leases.release(dead)
            self._report("leases_released", {"workers": len(dead)})
            self._news.set()

    async def _hear_endings(self) -> None:
        endings = await self._leases.renew()
        for run in self._runs.values():
            ending = endings.get(run.lease.batch.id)
            if ending is not None and run.ending is None:
                run.end(Ending(ending))

    async def _patiently(self, work: Coroutine[Any, Any, None]) -> None:
        """Does `work`; if the store or the blobs cannot be used, says so, and waits a little."""
        try:
            await work
        except StorageError as error:
            self._report("worker_waits", {"reason": error.message})
            await asyncio.sleep(TROUBLE_PAUSE_S)

    async def _stop(self) -> None:
        """Keeps what was answered, within a bound."""
        if self._step is not None:
            self._step.cancel()
        runs = dict(self._runs)
        for task in runs:
            task.cancel()
        if runs:
            await asyncio.wait(runs)
        with contextlib.suppress(StorageError, TimeoutError):
            async with asyncio.timeout(STOP_S):
                for run in runs.values():
                    with contextlib.suppress(LeaseLost):
                        await run.save()
                await self._leases.release([self._leases.holder])


def _names(run: ShardRun) -> dict[str, Any]:
    return {"batch": run.lease.batch.id, "shard": run.lease.shard.number}
