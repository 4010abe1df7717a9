"""Servers in processes of their own: Touchstone and the floors, their start, their CPU time, their memory.

CPU time and memory are read from `/proc`, so these figures need Linux; elsewhere they are nan.
"""

import contextlib
import http.client
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0
POLL_S = 0.002  # between two tries to connect; the error of a start-up time


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers on `port`."""

    pid: int
    port: int
    start_s: float

    def cpu_s(self) -> float:
        """CPU time used so far by the process, all threads."""
        stat = _proc(self.pid, "stat")
        if not stat:
            return math.nan
        fields = stat.rpartition(")")[2].split()  # what comes before may hold spaces
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        """Memory that the process has in RAM, in 10^6 bytes, shared libraries included."""
        lines = [line for line in _proc(self.pid, "status").splitlines() if line.startswith("VmRSS:")]
        return int(lines[0].split()[1]) * 1024 / 1e6 if lines else math.nan


def _proc(pid: int, name: str) -> str:
    path = Path(f"/proc/{pid}/{name}")
    return path.read_text() if path.exists() else ""


@contextlib.contextmanager
def touchstone(*flags: str, **environment: str) -> Iterator[Running]:
    """`touchstone serve` with its defaults but for `flags`, an empty corpus of one's own, and no web search."""
    with tempfile.TemporaryDirectory() as data_dir:
        command = [sys.executable, "-m", "server.cli", "serve", "--no-web-search", *flags, "--port"]
        with running(command, [], {"TOUCHSTONE_DATA_DIR": data_dir} | environment) as server:
            yield server


@contextlib.contextmanager
def bare_route(answer: bytes) -> Iterator[Running]:
    """The bare Starlette route that answers `answer`."""
    with _file(answer) as path, running([sys.executable, "-m", "benchmarks.servers.bare_route"], [path], {}) as server:
        yield server


@contextlib.contextmanager
def instant_upstream() -> Iterator[Running]:
    """The engine that answers at once."""
    with running([sys.executable, "-m", "benchmarks.servers.instant_upstream"], [], {}) as server:
        yield server


@contextlib.contextmanager
def bare_pass_through(upstream: str, parser: str = "httptools") -> Iterator[Running]:
    """The bare pass-through before the engine at `upstream`."""
    with running([sys.executable, "-m", "benchmarks.servers.bare_pass_through"], [upstream, parser], {}) as server:
        yield server


@contextlib.contextmanager
def minimal_sdk(structure: dict[str, Any]) -> Iterator[Running]:
    """The minimal SDK server whose tool answers `structure`."""
    command = [sys.executable, "-m", "benchmarks.servers.minimal_sdk"]
    with _file(json.dumps(structure).encode()) as path, running(command, [path], {}) as server:
        yield server


@contextlib.contextmanager
def _file(content: bytes) -> Iterator[str]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name


@contextlib.contextmanager
def running(
    command: list[str],
    arguments: list[str],
    environment: dict[str, str],
    ready: str = "/ready",
    timeout_s: float = START_TIMEOUT_S,
) -> Iterator[Running]:
    """The server that `command`, a free port and `arguments` start, once `ready` answers 200. Raises RuntimeError if it
    dies, or is not ready in time."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [*command, str(port), *arguments], cwd=REPOSITORY, env=clean | environment, stdout=log, stderr=log
        )
        try:
            while not _is_ready(port, ready):
                if process.poll() is not None or time.perf_counter() - started > timeout_s:
                    log.seek(0)
                    raise RuntimeError(f"{command} did not start:\n{log.read().decode(errors='replace')}")
                time.sleep(POLL_S)
            yield Running(process.pid, port, time.perf_counter() - started)
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_ready(port: int, path: str) -> bool:
    """Whether `path` answers 200. Waits in line where the socket listens before the application is there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
