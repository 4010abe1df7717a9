"""The servers that the clients talk to, and the clients that are not libraries of the test environment."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.cache import installed
from tests.clients.needs import missing
from tests.clients.node_programs import INSTALL_TIMEOUT_S, NodePrograms, install_node_programs
from tests.clients.serving import serving

KEY = "a-key-of-this-suite"


@dataclass(frozen=True)
class KeyedServer:
    """A server with one key."""

    url: str
    key: str


@pytest.fixture(scope="session")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server without keys."""
    with serving(tmp_path_factory.mktemp("open")) as url:
        yield url


@pytest.fixture(scope="session")
def keyed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyedServer]:
    """A server that asks for a key."""
    with serving(tmp_path_factory.mktemp("keyed"), keys=KEY) as url:
        yield KeyedServer(url, KEY)


@pytest.fixture(scope="session")
def node_programs() -> NodePrograms:
    return install_node_programs()


@pytest.fixture(scope="session")
def fastmcp_python() -> str:
    """A Python with the fastmcp client. Its own: the library would bring much into the project's environment."""
    requirements = Path(__file__).with_name("requirements-fastmcp.txt")

    def install(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=INSTALL_TIMEOUT_S)
        command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(requirements)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
        if done.returncode:
            missing(f"the Python package index ({done.stderr.strip()[-500:]})")

    versions = requirements.read_bytes() + sys.version.encode()
    return str(installed("fastmcp", versions, install) / "bin" / "python")
