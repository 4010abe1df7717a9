"""The servers that the clients talk to, and the clients that are not libraries of the test environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.clients.node_programs import NodePrograms, install_node_programs
from tests.clients.python_environments import python_with
from tests.clients.serving import serving
from tests.clients.upstream import Upstream, upstream_serving

KEY = "a-key-of-this-suite"
ENGINE_KEY = "a-key-of-the-engine"
ASK_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class KeyedServer:
    """A server with one key."""

    url: str
    key: str

    def token(self) -> str:
        """The MCP token of its key, made if it has none."""
        return str(self.manage("enable")["token"])

    def manage(self, what: str) -> Any:
        """Asks one of the endpoints that make and end the token."""
        headers = {"authorization": f"Bearer {self.key}"}
        answer = httpx.post(f"{self.url}/v1/mcp/{what}", headers=headers, trust_env=False, timeout=ASK_TIMEOUT_S)
        return answer.raise_for_status().json()


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


@dataclass(frozen=True)
class EngineServer:
    """A server with one key, and the engine behind it."""

    url: str
    key: str
    upstream: Upstream


@pytest.fixture(scope="session")
def engine_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineServer]:
    """A server whose chat models are served by an engine that asks for a key of its own."""
    data_dir = tmp_path_factory.mktemp("engine")
    with (
        upstream_serving(ENGINE_KEY) as upstream,
        serving(data_dir, "--engine-url", f"{upstream.url}/v1", "--engine-key", ENGINE_KEY, keys=KEY) as url,
    ):
        yield EngineServer(url, KEY, upstream)


@pytest.fixture(scope="session")
def node_programs() -> NodePrograms:
    return install_node_programs()


@pytest.fixture(scope="session")
def fastmcp_python() -> str:
    """A Python with the fastmcp client."""
    return python_with("fastmcp")
