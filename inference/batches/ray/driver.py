"""Starts workers as actors on a Ray cluster, watches them, replaces them, and stops them.

It hands out no work: each actor leases its own shards from the store, as every worker does. So there is never more
under way than there are actors, an actor that Ray has no room for waits without holding anything, and whatever is lost
with an actor or a machine is what its leases say.

Ray ends the process of a driver whose cluster is lost (after a minute without its head, at once without its own
node). So the driver runs in a process of its own, which `executor.py` starts anew.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import ActorUnavailableError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from inference.batches.ray.actor import Look, OpenWorker, WorkerActor
from inference.batches.ray.driver_protocol import CONNECT_TIMEOUT_S, STOP_S
from inference.batches.working.shard_run import Report
from inference.errors import SettingsError

LOOK_S = 2.0
"""Between two looks at an actor, while there are few."""

LOOKS_PER_S_MAX = 100.0
"""At all actors together: what one process does beside nothing else."""

LOOK_TIMEOUT_S = 60.0
"""After which an actor that has answered before and does not any more is replaced."""

RESTARTS_MAX = 20
"""Times that Ray starts an actor again by itself, at once; then it is replaced, after a pause."""

REPLACE_PAUSE_S = 5.0

COUNT_S = 15.0
"""Between two counts of the actors that are at work."""

REASON_CHARS_MAX = 300
"""Of what Ray says; its messages are pages long."""

CPUS_AN_ACTOR = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """`address` of the cluster, how many actors, and what each is made of. `local` if database or blobs are files of
    this machine, which others do not see."""

    address: str
    actors: int
    open_worker: OpenWorker
    settings: Mapping[str, Any]
    local: bool


class Driver:
    """The driver of one cluster, in a process of its own."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self._plan = plan
        self._report = report
        self._begun: dict[int, ActorHandle[Any]] = {}
        self._at_work: set[int] = set()
        self._dead: set[str] = set()
        self._look_s = max(LOOK_S, plan.actors / LOOKS_PER_S_MAX)

    async def connect(self) -> dict[str, Any]:
        """Joins the cluster, and says what it is like. Raises SettingsError if it cannot be used."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await asyncio.to_thread(_join, self._plan.address)
        except TimeoutError:
            raise SettingsError(f"{_no_cluster(self._plan.address)} (no answer in {CONNECT_TIMEOUT_S:g} s)") from None
        except (RayError, OSError, RuntimeError, ValueError) as error:
            raise SettingsError(f"{_no_cluster(self._plan.address)} ({_brief(error)})") from None
        nodes = [node for node in ray.nodes() if node["Alive"]]
        if self._plan.local and len(nodes) > 1:
            raise SettingsError(
                f"setting executor: the Ray cluster has {len(nodes)} machines, and they see no files of this one: set "
                "database_url to a PostgreSQL and blobs_url to an object store, or use a cluster of this machine alone"
            )
        cpus = sum(node["Resources"].get("CPU", 0) for node in nodes)
        return {"machines": len(nodes), "cpus": int(cpus), "actors": self._plan.actors}

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps the actors at work until `stop`, and then stops them."""
        tasks = [asyncio.create_task(self._keep(number)) for number in range(self._plan.actors)]
        tasks.append(asyncio.create_task(self._count()))
        stopping = asyncio.create_task(stop.wait())
        ended, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (*tasks, stopping):
            task.cancel()
        await asyncio.wait({*tasks, stopping})
        await self._stop()
        for task in ended - {stopping}:
            task.result()  # raises what ended it; they do not end by themselves

    async def _keep(self, number: int) -> None:
        """Keeps one actor at work, and puts another in its place when Ray gives it up."""
        while True:
            actor = self._begun[number] = self._start()
            try:
                await self._watch(number, actor)
            except RayError as error:
                self._report("ray_actor_lost", {"actor": number, "reason": _brief(error)})
            except TimeoutError:
                reason = f"it has not answered for {LOOK_TIMEOUT_S:g} s"
                self._report("ray_actor_lost", {"actor": number, "reason": reason})
            finally:
                self._at_work.discard(number)
            with contextlib.suppress(RayError):
                ray.kill(actor)
            await asyncio.sleep(REPLACE_PAUSE_S)

    def _start(self) -> "ActorHandle[Any]":
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        options = {
            "num_cpus": CPUS_AN_ACTOR,
            "max_restarts": RESTARTS_MAX,
            "max_task_retries": 0,
            "scheduling_strategy": here if self._plan.local else "SPREAD",
        }
        handle: ActorHandle[Any] = ray.remote(**options)(WorkerActor).remote(
            self._plan.open_worker, dict(self._plan.settings)
        )
        return handle

    async def _watch(self, number: int, actor: "ActorHandle[Any]") -> None:
        """Returns never. Raises RayError once Ray has given the actor up, TimeoutError if it hangs."""
        holder: str | None = None
        timeout_s: float | None = None  # it waits for room on the cluster as long as it takes
        try:
            while True:
                try:
                    async with asyncio.timeout(timeout_s):
                        look: Look = await actor.look.remote()
                except ActorUnavailableError:  # Ray is starting it again
                    self._at_work.discard(number)
                    timeout_s = None
                else:
                    timeout_s = LOOK_TIMEOUT_S
                    self._at_work.add(number)
                    if holder not in (None, look.holder):
                        self._dead.add(str(holder))
                    holder = look.holder
                    for action, about in look.news:
                        self._report(action, about | {"actor": number})
                    await self._release_the_dead(actor)
                await asyncio.sleep(self._look_s)
        finally:
            if holder is not None:
                self._dead.add(holder)

    async def _release_the_dead(self, actor: "ActorHandle[Any]") -> None:
        """Ray knows of the end of an actor long before its leases run out."""
        dead = frozenset(self._dead)
        if not dead:
            return
        async with asyncio.timeout(LOOK_TIMEOUT_S):
            if await actor.release.remote(sorted(dead)):
                self._dead -= dead
                self._report("leases_released", {"workers": len(dead)})

    async def _count(self) -> None:
        """Says how many actors are at work, whenever that has changed."""
        last = -1
        while True:
            await asyncio.sleep(COUNT_S)
            if len(self._at_work) != last:
                last = len(self._at_work)
                self._report("ray_actors", {"at_work": last, "wanted": self._plan.actors})

    async def _stop(self) -> None:
        """All actors, also those that have not answered yet: they may have begun to work since."""
        stops = [asyncio.ensure_future(_stop_one(actor)) for actor in self._begun.values()]
        if stops:
            await asyncio.wait(stops, timeout=STOP_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.to_thread(ray.shutdown)  # ends the actors


async def _stop_one(actor: "ActorHandle[Any]") -> None:
    with contextlib.suppress(RayError):
        await actor.stop.remote()


def _join(address: str) -> None:
    ray.init(address=address, namespace="touchstone", log_to_driver=False, configure_logging=False)


def _no_cluster(address: str) -> str:
    return (
        f"setting ray_address = {address!r}: there is no Ray cluster that can be joined from here; start one with "
        "`ray start --head`, or join one with `ray start --address=HOST:PORT`, on this machine"
    )


def _brief(error: BaseException) -> str:
    """What Ray says, in a line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(lines) or type(error).__name__
    return text if len(text) <= REASON_CHARS_MAX else "... " + text[-REASON_CHARS_MAX:]
