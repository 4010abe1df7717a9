"""A real S3 server in a process of its own: it knows who may, and takes objects whole and in parts."""

import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.clients.needs import missing, program
from tests.clients.serving import clean_environment
from tests.scale.ports import free_port
from tests.scale.there import there

HERE = Path(__file__).parent
START_TIMEOUT_S = 60
INSTALL_TIMEOUT_S = 300
KEY_ID, SECRET = "S3RVER", "S3RVER"  # the only ones that it knows
BUCKET = "the-bucket"


class S3Server:
    """One running server with one bucket."""

    def __init__(self) -> None:
        self._program = _installed()
        self._folder = Path(tempfile.mkdtemp(prefix="touchstone-s3-"))
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def variables(self) -> dict[str, str]:
        """What an operator sets for it."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._port}",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }

    def new_place(self) -> str:
        """A URL under which there is nothing yet."""
        return f"s3://{BUCKET}/{secrets.token_hex(4)}/deeper"

    def start(self) -> None:
        """Starts it, and waits until it listens."""
        command = [program("node"), str(self._program), "-d", str(self._folder), "-a", "127.0.0.1", "--silent"]
        self._process = subprocess.Popen(
            [*command, "-p", str(self._port), "--configure-bucket", BUCKET],
            env=clean_environment(NODE_NO_WARNINGS="1"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=5).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError("the S3 server did not start") from None
                time.sleep(0.05)

    def halt(self) -> None:
        """Ends it, as a failing machine does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ends it for good."""
        self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)


def _installed() -> Path:
    program("node")
    folder = there("the S3 server", "s3", (HERE / "package-lock.json").read_bytes(), _npm_ci)
    return folder / "node_modules" / "s3rver" / "bin" / "s3rver.js"


def _npm_ci(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    # No scripts: nothing here needs one, and they are how packages do harm.
    command = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    if done.returncode:
        missing(f"npm's registry ({done.stderr.strip()[-500:]})")
