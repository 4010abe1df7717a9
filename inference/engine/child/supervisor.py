"""Keeps one vLLM running: starts it, waits until it answers, watches it, and starts it again whenever it ends.

It never gives up: a model that cannot start now may be able to later, when memory or the hub is free again. Between
two attempts it waits as `backoff.py` says. Whoever asks meanwhile is told at once what is going on.
"""

import asyncio
import contextlib
import logging
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Mapping

from inference.action_log import tell
from inference.engine.child.backoff import failures_after, wait_s
from inference.engine.child.command import HOST, Plan, command, environment
from inference.engine.child.log_lines import LogLine
from inference.engine.child.process import ChildProcess
from inference.engine.child.vllm_log import read_line
from inference.engine.child.watch import ChildFailed, Clock, Patience, Watch
from inference.engine.engine import Engine
from inference.errors import EngineUnavailable

LOGGER = logging.getLogger("touchstone.engine")

PROGRESS_S = 10.0
"""Seconds between two lines of a progress bar in our log."""

Connect = Callable[[str, str], Engine]
"""From a URL (without /v1) and a key to an engine there."""


class Supervisor:
    """Runs the vLLM of one plan between `start` and `stop`. Supervisors that share `turn` start one after the other:
    two that measure the GPU's free memory at once both count on all of it."""

    def __init__(
        self,
        name: str,
        plan: Callable[[], Plan],
        inherited: Mapping[str, str],
        connect: Connect,
        *,
        turn: asyncio.Lock | None = None,
        when_up: Callable[[Engine], Awaitable[None]] | None = None,
        patience: Patience | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """`plan` is asked at the start, since it looks for programs and folders."""
        self.name = name
        self.group = 0
        """The process group of the running child; 0 if there is none."""
        self._plan_of = plan
        self._inherited = inherited
        self._connect = connect
        self._turn = turn or asyncio.Lock()
        self._when_up = when_up
        self._patience = patience or Patience()
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._engine: Engine | None = None
        self._since = 0.0
        self._waits = False
        self._state = (
            "is not started: only `touchstone serve` starts models. Name one that runs with --engine-url, or judge "
            "with the small model that ships: --judge-model cpu"
        )
        self._progress_at = -PROGRESS_S

    def start(self) -> None:
        """Starts to keep it running. Returns at once. Raises SettingsError if there is nothing to start."""
        if self._task is None:
            plan = self._plan_of()
            self._since = self._clock()
            self._state = "is starting"
            self._task = asyncio.create_task(self._keep_running(plan))

    async def stop(self) -> None:
        """Ends it for good."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._state, self._engine, self.group, self._waits = "is stopped", None, 0, False
            self._task = None

    def engine(self) -> Engine:
        """The engine, if it is up. Raises EngineUnavailable saying what it does instead."""
        if self._engine is None:
            spent = f" ({self._clock() - self._since:.0f} s so far)" if self._task else ""
            state = "waits for another model to start" if self._waits and self._turn.locked() else self._state
            raise EngineUnavailable(f"the engine for {self.name} {state}{spent}")
        return self._engine

    async def _keep_running(self, plan: Plan) -> None:
        failures = 0
        while True:
            try:
                up_s, failed = await self._run_once(plan)
            except OSError as error:  # no more files, ports or processes: there may be some again later
                up_s, failed = 0.0, ChildFailed(f"it failed: {error}")
                self._fell(failed)
            failures = failures_after(failures, up_s)
            pause_s = wait_s(failures)
            self._tell("engine_ended", logging.ERROR, failures=failures, next_start_s=f"{pause_s:g}", reason=failed)
            await asyncio.sleep(pause_s)

    async def _run_once(self, plan: Plan) -> tuple[float, ChildFailed]:
        """One life of the child. Returns for how many seconds it was up, and how it ended."""
        async with contextlib.AsyncExitStack() as life:
            self._waits = True
            async with self._turn:
                self._waits = False
                self._since = self._clock()
                try:
                    watch = await self._launch(plan, life)
                except ChildFailed as failed:
                    self._fell(failed)
                    return 0.0, failed
            up = self._clock()
            self._tell("engine_up", after_s=round(up - self._since))
            ended = await watch.until_ended()
            self._fell(ended)
            return self._clock() - up, ended

    def _fell(self, failed: ChildFailed) -> None:
        """From here on whoever asks is told so."""
        self._engine, self.group = None, 0
        self._since = self._clock()
        self._state = f"is restarting after {failed}"

    async def _launch(self, plan: Plan, life: contextlib.AsyncExitStack) -> Watch:
        """Starts the child and waits until it can be used. `life` ends it. Raises ChildFailed."""
        port, key = _free_port(), secrets.token_urlsafe(32)
        try:
            process = await ChildProcess.start(
                command(plan, port),
                environment(self._inherited, key, plan.spec.is_folder),
                self._forward,
            )
        except EngineUnavailable as error:
            raise ChildFailed(f"it failed: {error.message}") from error
        life.push_async_callback(process.stop)
        self._tell("engine_starting", source=plan.spec.source, port=port)
        url = f"http://{HOST}:{port}"
        watch = Watch(process, url, key, self._patience, self._clock)
        await watch.until_ready()
        engine = self._connect(url, key)
        life.push_async_callback(engine.aclose)
        if self._when_up is not None:
            await self._when_up(engine)
        self._engine, self.group = engine, process.group
        return watch

    def _tell(self, action: str, level: int = logging.INFO, **about: object) -> None:
        tell(LOGGER, level, action, model=self.name, **about)

    def _forward(self, line: LogLine) -> None:
        """A line of the child into our log; of progress bars one now and then."""
        if line.passing:
            now = self._clock()
            if now - self._progress_at < PROGRESS_S:
                return
            self._progress_at = now
        read = read_line(line.text)
        if read.words:
            process = f"{read.process} " if read.process else ""
            text = f"engine {self.name} | {process}{read.words}"
            about = {"model": self.name, "process": read.process, "message": read.words}
            tell(LOGGER, read.level, "engine_says", text, **about)


def _free_port() -> int:
    """A port that nobody has now. Should somebody take it before the child does, the child ends and gets another."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
