"""Works off whatever the store says is to be done: validates inputs, runs shards, makes the files of results.

The same loop in the server's process, in `touchstone worker`, and in an actor on a cluster. Any number of workers may
run beside each other and end at any moment. One with nothing to do reads, and writes nothing.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.batches.batch import BatchError, Ending, Status
from inference.batches.input.scan import LimitsOf
from inference.batches.input.shard_input import InputUnusable
from inference.batches.working.fair_choice import Candidate, Seat, fairest, gives_way
from inference.batches.working.finishing import finish_batch
from inference.batches.working.holder import Holder
from inference.batches.working.leases import LEASE_S, LeaseLost, Leases, StepLease, Waiting
from inference.batches.working.shard_run import TROUBLE_PAUSE_S, Report, ShardRun, Tools
from inference.batches.working.steps import Steps
from inference.batches.working.validating import validate_batch
from inference.errors import BlobMissing, PlanNotFound, StorageError
from inference.spans import watch

POLL_S = 2.0
"""Between two looks at whether there is something to do, where nobody tells."""

ENDINGS_S = 1.0
"""Between two looks at whether a batch that is worked on was cancelled or has expired."""

EXPIRE_S = 2.0
"""Between two looks at which batches have expired, and what is left over of those that end."""

RENEW_S = LEASE_S / 4

SHARDS_MAX = 32
"""Shards under way in one worker: batches that are worked off beside each other, two shards each."""

SHARDS_OF_A_BATCH_MAX = 2
"""The second fills the gaps that the first leaves towards its end."""

RUNS_MAX = 2 * SHARDS_MAX
"""Those that are giving up their place included: they finish what they have under way."""

STEPS_MAX = 3
"""Batches that are validated or finalized at once: a small one need not wait for the file of a huge one."""

FAILURES_MAX = 5
"""Of a shard or step, for a reason that nobody foresaw, before its batch fails."""

FAILURE_PAUSE_MAX_S = 60.0
"""Before a shard or step that failed is tried again. The pause doubles from TROUBLE_PAUSE_S on."""

STOP_GRACE_S = 2.0
"""That requests under way get to be answered at a stop. What is not is asked again later."""

STOP_S = 5.0
"""For what was answered to be saved at a stop."""

_REMEMBERED_MAX = 10_000
"""Turns and failures that are remembered. They matter while a batch runs."""

_FAILED = BatchError("internal_error", "Something went wrong inside the server; its log has the details.")

_INPUT_MISSING = BatchError(
    "input_unreadable", "The input file is recorded, and its bytes are not there.", "input_file_id"
)


@dataclass(slots=True)
class _Under:
    """A shard that is worked on."""

    run: ShardRun
    since_s: float


@dataclass(slots=True)
class _Memory:
    """What one worker remembers of batches."""

    turns: dict[str, int] = field(default_factory=dict)
    failures: Counter[tuple[str, int | None]] = field(default_factory=Counter)
    """By batch, and by shard or None for a step."""
    number: int = 0

    def turn(self, batch_id: str) -> None:
        if len(self.turns) >= _REMEMBERED_MAX:
            self.turns.clear()
        self.number += 1
        self.turns[batch_id] = self.number

    def failed(self, batch_id: str, shard: int | None = None) -> int:
        if len(self.failures) >= _REMEMBERED_MAX:
            self.failures.clear()
        self.failures[batch_id, shard] += 1
        return self.failures[batch_id, shard]


class Worker:
    """One worker. `run` goes on until it is cancelled."""

    def __init__(self, tools: Tools, steps: Steps, holder: Holder, limits_of: LimitsOf, report: Report) -> None:
        self._tools = tools
        self._leases: Leases = tools.leases
        self._steps = steps
        self._holder = holder
        self._limits_of = limits_of
        self._report = report
        self._runs: dict[asyncio.Task[None], _Under] = {}
        self._steps_taken: dict[asyncio.Task[None], StepLease] = {}
        self._memory = _Memory()
        self._news = asyncio.Event()

    @property
    def shards_running(self) -> int:
        """Shards that it has leased."""
        return len(self._runs)

    @property
    def steps_running(self) -> int:
        """Batches that it validates or finalizes."""
        return len(self._steps_taken)

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
        await self._open()
        tending = asyncio.create_task(self._tend())
        try:
            while True:
                self._news.clear()
                await self._guarded(self._claim())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._news.wait()
        finally:
            tending.cancel()
            await asyncio.wait({tending})
            await self._stop()
            self._holder.close()

    async def _open(self) -> None:
        """Shows that this worker lives, before it leases anything."""
        waits = False
        while True:
            try:
                self._holder.open()
            except OSError as error:
                if not waits:
                    self._report("worker_waits", {"reason": f"its lock cannot be made: {error.strerror or error}"})
                waits = True
                await asyncio.sleep(TROUBLE_PAUSE_S)
            else:
                return

    async def _claim(self) -> None:
        """Takes as much as there is room for."""
        while len(self._steps_taken) < STEPS_MAX and (step := await self._leases.claim_step()) is not None:
            task = asyncio.create_task(self._guarded(self._take_step(step)))
            self._steps_taken[task] = step
            task.add_done_callback(self._step_done)
        while len(self._runs) < RUNS_MAX:
            seats = [under for under in self._runs.values() if not under.run.is_leaving]
            busy = Counter(under.run.lease.batch.id for under in seats)
            full = [batch_id for batch_id, shards in busy.items() if shards >= SHARDS_OF_A_BATCH_MAX]
            waiting = await self._leases.waiting(full)
            chosen = fairest(waiting.candidates, waiting.leased, self._memory.turns)
            if chosen is None or not self._makes_room(seats, chosen, waiting):
                return
            lease = await self._leases.claim_shard(chosen.batch_id)
            if lease is None:
                return
            self._memory.turn(chosen.batch_id)
            run = ShardRun(self._tools, lease, self._report)
            task = asyncio.create_task(self._guarded(self._run(run)))
            self._runs[task] = _Under(run, self._tools.clock())
            task.add_done_callback(self._run_done)

    def _makes_room(self, seats: list[_Under], chosen: Candidate, waiting: Waiting) -> bool:
        if len(seats) < SHARDS_MAX:
            return True
        now = self._tools.clock()
        taken = [_seat(under, now) for under in seats]
        number = gives_way(taken, chosen, waiting.leased)
        if number is None:
            return False
        seats[number].run.leave()
        return True

    async def _run(self, run: ShardRun) -> None:
        try:
            await self._watched(run)
        except* LeaseLost:
            self._report("shard_lost", _names(run))
        except* InputUnusable as errors:
            await self._fail(run, _first(errors, InputUnusable).reason)
        except* Exception as errors:  # noqa: BLE001 - whatever it is, the other batches go on
            await self._broke(run, errors)

    async def _watched(self, run: ShardRun) -> None:
        """Runs it in the sight of whoever watches shards: this task is the shard's own."""
        if self._tools.watched is None:
            return await run.run()
        work = self._tools.watched(_names(run) | {"lines": run.lease.shard.lines})
        watch(work)
        ended: BaseException | None = None
        try:
            await run.run()
        except BaseException as error:
            ended = error
            raise
        finally:
            work.end(ended)

    async def _broke(self, run: ShardRun, errors: ExceptionGroup[Exception]) -> None:
        """Something that nobody foresaw: what was answered is kept, and the shard is tried again a few times."""
        self._report("shard_failed", _names(run) | {"error": errors})
        lease = run.lease
        failures = self._memory.failed(lease.batch.id, lease.shard.number)
        with contextlib.suppress(LeaseLost):
            try:
                await run.save()
            finally:
                if failures >= FAILURES_MAX:
                    await self._fail(run, _FAILED)
                else:
                    await self._leases.give_back(lease, _pause_s(failures))

    async def _fail(self, run: ShardRun, reason: BatchError) -> None:
        self._report("batch_failed", _names(run) | {"reason": reason.code})
        with contextlib.suppress(LeaseLost):
            await self._leases.fail(run.lease, reason)

    def _run_done(self, task: asyncio.Task[None]) -> None:
        del self._runs[task]
        self._news.set()

    async def _take_step(self, step: StepLease) -> None:
        try:
            if step.batch.status is Status.VALIDATING:
                await validate_batch(self._tools.blobs, self._steps, step, self._limits_of(step.batch))
            else:
                await finish_batch(self._tools.blobs, self._steps, step)
        except asyncio.CancelledError:
            with contextlib.suppress(StorageError):  # then it is free once the lease runs out
                await self._leases.give_back_step(step)
            raise
        except LeaseLost:
            self._report("step_lost", {"batch": step.batch.id})
        except PlanNotFound as error:  # another worker may have a newer file
            self._report("step_waits", {"batch": step.batch.id, "reason": error.message})
            await self._step_broke(step, BatchError("plan_not_found", error.message, "input_file_id"))
        except StorageError as error:
            self._report("step_waits", {"batch": step.batch.id, "reason": error.message})
            await self._step_broke(step, _INPUT_MISSING if isinstance(error, BlobMissing) else None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other batches go on
            self._report("step_failed", {"batch": step.batch.id, "error": error})
            await self._step_broke(step, _FAILED)

    async def _step_broke(self, step: StepLease, reason: BatchError | None) -> None:
        """Has the step tried again later; or, if it has failed for a `reason` that does not pass, refuses the batch."""
        failures = self._memory.failed(step.batch.id)
        with contextlib.suppress(LeaseLost):
            if reason is not None and failures >= FAILURES_MAX and step.batch.status is Status.VALIDATING:
                await self._steps.refuse(step, [reason])
            else:
                await self._leases.give_back_step(step, _pause_s(failures))

    def _step_done(self, task: asyncio.Task[None]) -> None:
        del self._steps_taken[task]
        self._news.set()

    async def _tend(self) -> None:
        """Keeps the leases, and looks who is dead and which batches end."""
        renewed = expired = -LEASE_S
        while True:
            now = self._tools.clock()
            if now - renewed >= RENEW_S:
                renewed = now
                await self._guarded(self._renew())
                await self._guarded(self._release_the_dead())
            if now - expired >= EXPIRE_S:
                expired = now
                await self._guarded(self._steps.expire())
            await self._guarded(self._hear_endings())
            await asyncio.sleep(ENDINGS_S)

    async def _renew(self) -> None:
        shards = [under.run.lease for under in self._runs.values()]
        if shards or self._steps_taken:
            await self._leases.renew(shards, list(self._steps_taken.values()))

    async def _release_the_dead(self) -> None:
        try:
            dead = self._holder.dead()
            if dead:
                if held := set(dead) & set(await self._leases.holders()):
                    await self._leases.release(sorted(held))
                    self._report("leases_released", {"workers": len(held)})
                    self._news.set()
                self._holder.forget(dead)
        except OSError as error:
            self._report("worker_waits", {"reason": f"the locks cannot be looked at: {error.strerror or error}"})

    async def _hear_endings(self) -> None:
        scans = {s.batch.id: task for task, s in self._steps_taken.items() if s.batch.status is Status.VALIDATING}
        batch_ids = {under.run.lease.batch.id for under in self._runs.values()} | scans.keys()
        if not batch_ids:
            return
        endings = await self._leases.endings(batch_ids)
        for under in self._runs.values():
            if (ending := endings.get(under.run.lease.batch.id)) is not None:
                under.run.end(ending)
        for batch_id, scan in scans.items():
            # One whose window has ended is scanned to its end, so that each line is told that it has expired.
            if endings.get(batch_id) is Ending.CANCELLED:
                scan.cancel()

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Does `work`; whatever goes wrong is told, and the worker waits a little and goes on."""
        try:
            await work
        except StorageError as error:
            self._report("worker_waits", {"reason": error.message})
            await asyncio.sleep(TROUBLE_PAUSE_S)
        except Exception as error:  # noqa: BLE001 - a worker that ends in silence leaves its batches hanging
            self._report("worker_failed", {"error": error})
            await asyncio.sleep(TROUBLE_PAUSE_S)

    async def _stop(self) -> None:
        """Keeps what was answered, within a bound."""
        for task in self._steps_taken:
            task.cancel()
        for under in self._runs.values():
            under.run.leave()
        if tasks := {*self._steps_taken, *self._runs}:
            await asyncio.wait(tasks, timeout=STOP_GRACE_S)
        left = dict(self._runs)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=STOP_S)
        try:
            async with asyncio.timeout(STOP_S):
                await asyncio.gather(*(self._saved(under.run) for under in left.values()))
                await self._leases.release([self._leases.holder])
        except (StorageError, TimeoutError) as error:
            self._report("worker_unsaved", {"reason": str(error) or f"it took longer than {STOP_S:g} s"})

    async def _saved(self, run: ShardRun) -> None:
        try:
            await run.save()
        except LeaseLost:
            self._report("shard_lost", _names(run))
        except StorageError as error:
            self._report("shard_unsaved", _names(run) | {"reason": error.message})


def _names(run: ShardRun) -> dict[str, Any]:
    return {"batch": run.lease.batch.id, "shard": run.lease.shard.number}


def _seat(under: _Under, now_s: float) -> Seat:
    batch = under.run.lease.batch
    return Seat(batch.id, batch.owner, batch.priority, now_s - under.since_s)


def _pause_s(failures: int) -> float:
    return min(FAILURE_PAUSE_MAX_S, TROUBLE_PAUSE_S * 2.0 ** (failures - 1))


def _first(errors: BaseExceptionGroup[Any], kind: type[InputUnusable]) -> InputUnusable:
    """The first error in a group of groups."""
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            return _first(error, kind)
        if isinstance(error, kind):
            return error
    raise errors
