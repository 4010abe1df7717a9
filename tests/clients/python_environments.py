"""Python environments with client libraries that would bring too much into the project's own, or contradict it.

Each is named after a file `requirements-NAME.txt`, which pins all of it (`make lock` makes most of them anew). uv
installs them: what it does in seconds takes pip minutes, six for the largest.
"""

import subprocess
import sys
from pathlib import Path

from tests.clients.cache import installed
from tests.clients.needs import missing

HERE = Path(__file__).parent
UV = "uv==0.13.9"
INSTALL_TIMEOUT_S = 600


def python_with(name: str) -> str:
    """The Python of an environment, which is installed the first time."""
    requirements = HERE / f"requirements-{name}.txt"

    def install(folder: Path) -> None:
        command = [_uv(), "pip", "install", "--quiet", "--python", _python(folder), "-r", str(requirements)]
        _make_environment(folder)
        _run_online(command)

    return _python(installed(name, requirements.read_bytes() + sys.version.encode(), install))


def _uv() -> str:
    def install(folder: Path) -> None:
        _make_environment(folder)
        _run_online([_python(folder), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", UV])

    return str(installed("uv", UV.encode() + sys.version.encode(), install) / "bin" / "uv")


def _make_environment(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=INSTALL_TIMEOUT_S)


def _python(folder: Path) -> str:
    return str(folder / "bin" / "python")


def _run_online(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    if done.returncode:
        missing(f"the Python package index ({done.stderr.strip()[-500:]})")
