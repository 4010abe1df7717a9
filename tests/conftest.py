"""What many tests need: settings without web search, a client inside the process, a real server outside it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import ClientOf, RunningServer, RunningUpstream
from starlette.testclient import TestClient

from server.app import create_app
from server.house import House
from server.settings import Settings


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that reach no network and write nowhere but here."""
    return Settings(data_dir=tmp_path / "data", web_search=False)


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Makes clients of applications inside this process, and closes them."""
    opened: list[TestClient] = []

    def make(settings: Settings, house: House | None = None, **options: Any) -> TestClient:
        client = TestClient(create_app(settings, house), base_url="http://127.0.0.1:3001", **options)
        client.__enter__()
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(client_of: ClientOf, settings: Settings) -> TestClient:
    """A client of the whole server without web search, inside this process."""
    return client_of(settings)


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningUpstream]:
    """One engine without a model for the tests of a module."""
    running = RunningUpstream()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One real server for the tests of a module."""
    server = RunningServer(tmp_path_factory.mktemp("server") / "data")
    yield server
    server.stop()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Starts real servers with flags and variables of the test's own, and stops them."""
    servers: list[RunningServer] = []

    def start(*flags: str, data_dir: Path | None = None, **environment: str) -> RunningServer:
        servers.append(RunningServer(data_dir or tmp_path / f"data{len(servers)}", *flags, **environment))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
