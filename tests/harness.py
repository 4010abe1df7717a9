"""A real server in a process of its own, for tests that must not share the process with what they test."""

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import httpx
from fork_server import Forked, forked
from starlette.testclient import TestClient

from inference.testing.upstream import Received, Upstream

START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 45.0
STARTED = re.compile(r'(?: started url=|"action":"started","url":")([^\s"]+)[\s"]')
"""In either form of the log, and whole: the log is read while it is written."""
REPOSITORY = Path(__file__).resolve().parent.parent

ClientOf = Callable[..., TestClient]
"""What the fixture `client_of` gives: settings, and a house if it is not the settings' own, to a client."""


class RunningUpstream:
    """The engine without a model, over real HTTP, on a thread of its own."""

    def __init__(self, answers: Mapping[str, str] | None = None, key: str = "", **more: Any) -> None:
        self.upstream = Upstream(answers, key=key, **more)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self.upstream.start())

    @property
    def url(self) -> str:
        return self.upstream.url

    @property
    def last(self) -> Received:
        return self.upstream.received[-1]

    def speak(self) -> None:
        """Has the model "silent" answer from now on, also those who wait for it already."""
        self._loop.call_soon_threadsafe(self.upstream.speaks.set)

    def stop(self) -> None:
        """Requests under way break off. Twice is as good as once."""
        if self._loop.is_closed():
            return
        self._run(self.upstream.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_TIMEOUT_S)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_TIMEOUT_S)


class RunningServer:
    """A `touchstone serve` in a process of its own, on a free port.

    Forked from one that has imported everything, unless it is to be `fresh`: see `fork_server`.
    """

    def __init__(self, data_dir: Path, *flags: str, fresh: bool = False, **environment: str) -> None:
        arguments = ["serve", "--port", "0", "--no-web-search", *flags]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
        self.data_dir = data_dir
        self._log = data_dir.parent / f"server-{data_dir.name}.log"
        own = clean | {"TOUCHSTONE_DATA_DIR": str(data_dir)} | environment
        self.process: Forked | subprocess.Popen[bytes]
        with self._log.open("w") as log:
            if fresh:
                command = [sys.executable, "-m", "server.cli", *arguments]
                self.process = subprocess.Popen(command, cwd=REPOSITORY, env=own, stdout=log, stderr=log)
            else:
                self.process = forked(arguments, env=own, stdout=log.fileno(), stderr=log.fileno())
        self.url = self._wait_for_url()

    def _wait_for_url(self) -> str:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if started := STARTED.search(self.log()):
                return started[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        return self._log.read_text()

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, trust_env=False, **options)

    def stop(self) -> int:
        """Stops it as an operator would, and returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
