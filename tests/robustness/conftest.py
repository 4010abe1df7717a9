"""Servers that the tests of a module share: what is asked of them here must not harm them, so they outlive it."""

from collections.abc import Callable, Iterator

import pytest
from harness import RunningServer
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings


@pytest.fixture(scope="module")
def server_with(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., RunningServer]]:
    """Starts a server with flags, once a module for the same flags, and stops it at the end."""
    running: dict[tuple[str, ...], RunningServer] = {}

    def start(*flags: str) -> RunningServer:
        if flags not in running:
            running[flags] = RunningServer(tmp_path_factory.mktemp("server") / "data", *flags)
        return running[flags]

    yield start
    for server in running.values():
        server.stop()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of the whole server inside this process, without web search. An unforeseen fault answers 500."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("client") / "data", web_search=False)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:3001", raise_server_exceptions=False) as client:
        yield client
