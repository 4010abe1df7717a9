"""A real Ray cluster of one machine: its processes are children of ours, on ports of their own, and end with us.

`ray stop` would end every Ray on the machine, so what is started here is ended here, by its ids.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness import REPOSITORY

from tests.clients.serving import clean_environment
from tests.scale.ports import free_port
from tests.scale.there import there

HERE = Path(__file__).parent
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60
INSTALL_TIMEOUT_S = 600
OBJECT_STORE_BYTES = 80_000_000  # the least that Ray takes; nothing of ours is in it
LOST_S = 10  # after which a driver gives its cluster up; Ray would take a minute
ACTOR = "ray::WorkerActor"


class RayCluster:
    """A cluster with `cpus` places for actors. `stop` and `start` again: then it is another cluster, at its address."""

    def __init__(self, cpus: int = 2) -> None:
        self.packages = _packages()
        self.cpus = cpus
        self.port = free_port()
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a program of ours needs to find Ray."""
        return {
            "PYTHONPATH": os.pathsep.join((str(REPOSITORY), str(self.packages))),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_gcs_rpc_server_reconnect_timeout_s": str(LOST_S),
        }

    def start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tsr-"))  # short: it becomes part of names of sockets
        command = [
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"),
            *("--port", str(self.port), "--node-ip-address", "127.0.0.1", "--num-cpus", str(self.cpus)),
            *("--include-dashboard", "false", "--object-store-memory", str(OBJECT_STORE_BYTES)),
            *("--temp-dir", str(self._folder), "--disable-usage-stats"),
        ]
        log = self._folder / "start.log"
        with log.open("wb") as file:
            # Ray makes way for all others: beside other tests its workers would not begin in minutes.
            environment = clean_environment(**self.environment, RAY_worker_niceness="0")
            self._process = subprocess.Popen(command, stdout=file, stderr=file, env=environment, start_new_session=True)
        deadline = time.monotonic() + START_TIMEOUT_S
        while "Ray runtime started" not in log.read_text():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text()
                self.stop()
                raise AssertionError(f"Ray did not start:\n{said}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Kills it, as a power failure would."""
        if self._process is not None:
            for pid in (self._process.pid, *descendants(self._process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def actors(self) -> list[int]:
        """The processes of actors of ours that have begun."""
        assert self._process is not None
        return [pid for pid in descendants(self._process.pid) if _command(pid).startswith(ACTOR)]


def descendants(pid: int) -> list[int]:
    """All processes that stem from this one, now."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, left = [], [pid]
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _packages() -> Path:
    requirements = HERE / "requirements-ray.txt"
    return there("Ray", "ray", requirements.read_bytes(), lambda folder: _install(requirements, folder))


def _install(requirements: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), "-r", str(requirements)]
    subprocess.run(command, check=True, timeout=INSTALL_TIMEOUT_S)


@contextlib.contextmanager
def running_cluster(cpus: int = 2) -> Iterator[RayCluster]:
    cluster = RayCluster(cpus)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
