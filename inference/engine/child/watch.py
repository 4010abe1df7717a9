"""Waiting for a vLLM to be ready, and then for its end.

Ready means that `/health` and `/v1/models` answer; the end is that of the process, or `/health` silent for too long.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from inference.engine.child.last_words import last_words
from inference.engine.child.process import ChildProcess

KILLED = 128 + signal.SIGKILL

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Patience:
    """How often we look and how long we wait, in seconds."""

    start_timeout_s: float = 1800.0
    start_poll_s: float = 0.5
    probe_timeout_s: float = 5.0
    health_every_s: float = 5.0
    health_silent_s: float = 60.0
    """An engine at work on a full GPU answers late; one that answers nothing for so long hangs."""


class ChildFailed(Exception):
    """The child ended, or had to be given up. The text says how, as "it ended ...". It stays inside this package."""


class Watch:
    """Watches one process that serves at `url` and asks for `key`."""

    def __init__(
        self, process: ChildProcess, url: str, key: str, patience: Patience, clock: Clock = time.monotonic
    ) -> None:
        self._process = process
        self._url = url
        self._headers = {"authorization": f"Bearer {key}"}
        self._patience = patience
        self._clock = clock

    async def until_ready(self) -> None:
        """Returns once it answers. Raises ChildFailed if it ends first, or takes longer than it may."""
        deadline = self._clock() + self._patience.start_timeout_s
        async with self._client() as client:
            while not await self._process.ended_within(self._patience.start_poll_s):
                if await self._answers(client, "/health") and await self._answers(client, "/v1/models"):
                    return
                if self._clock() > deadline:
                    raise ChildFailed(
                        f"it did not start within {self._patience.start_timeout_s:g} s (engine_start_timeout_s)"
                        f"{_quoted(self._process)}"
                    )
        raise await self._end()

    async def until_ended(self) -> ChildFailed:
        """Returns how it ended, or that it was given up because it answers nothing more; the process may still run."""
        heard = self._clock()
        async with self._client() as client:
            while not await self._process.ended_within(self._patience.health_every_s):
                if await self._answers(client, "/health"):
                    heard = self._clock()
                elif self._clock() - heard > self._patience.health_silent_s:
                    return ChildFailed(f"it did not answer for {self._patience.health_silent_s:g} s")
        return await self._end()

    def _client(self) -> httpx.AsyncClient:
        # The address is our own; a proxy from the environment has no business with it.
        return httpx.AsyncClient(
            base_url=self._url, headers=self._headers, timeout=self._patience.probe_timeout_s, trust_env=False
        )

    async def _answers(self, client: httpx.AsyncClient, path: str) -> bool:
        try:
            return (await client.get(path)).is_success
        except httpx.HTTPError:
            return False

    async def _end(self) -> ChildFailed:
        code = await self._process.wait()
        # What is killed has no say in it: its last words are of something else.
        quoted = "" if code == KILLED else _quoted(self._process)
        return ChildFailed(f"it {how_it_ended(code)}{quoted}")


def how_it_ended(code: int) -> str:
    """The exit code in words."""
    if code <= 128:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(code - 128).name
    except ValueError:
        return f"ended with exit code {code}"
    oom = ", as the system does with what takes too much memory" if code == KILLED else ""
    return f"was killed by {name}{oom}"


def _quoted(process: ChildProcess) -> str:
    words = last_words(tuple(process.lines))
    return f": {words}" if words else ""
