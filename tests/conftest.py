"""What many tests need: settings without web search, a client inside the process, a real server outside it."""

import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from empty_store import put_empty_store
from harness import ClientOf, RunningServer, RunningUpstream
from hypothesis import HealthCheck
from hypothesis import settings as search
from obstore.store import MemoryStore
from process_guard import ProcessGuard
from shared_statements import share_statements
from starlette.testclient import TestClient
from suites import COLLECTED, MARKERS, mark

from inference.blobs.blobs import Blobs
from inference.blobs.folder import FolderBlobs
from inference.blobs.memory import MemoryBlobs
from inference.blobs.object_store import ObjectStoreBlobs
from inference.store.database import Database
from server.app import create_app
from server.house import House
from server.settings import Settings
from tests.scale.postgresql import PostgreSQL
from tests.scale.redis_server import RedisServer
from tests.scale.s3 import S3Server

# The same examples on every run, and as long for each as a busy machine takes.
search.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
search.load_profile("suite")
share_statements()

WORKERS_A_CORE = 2
"""A test waits for a server, a disk or a clock for a third of its time."""


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    config.pluginmanager.register(ProcessGuard())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what `make test` leaves out, before what selects by marker."""
    for item in items:
        mark(item)
    config.stash[COLLECTED] = [(item.nodeid, {marker.name for marker in item.iter_markers()}) for item in items]
    if "fuzz" not in config.option.markexpr:
        items[:] = [item for item in items if item.get_closest_marker("fuzz") is None]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Of pytest-xdist, for `-n auto`."""
    return WORKERS_A_CORE * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Of ten thousand tests and their libraries none is garbage: nobody looks for any while they are collected, nor
    goes over them again whenever a test makes some."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that reach no network and write nowhere but here."""
    return Settings(data_dir=tmp_path / "data", web_search=False)


def opened_client(settings: Settings, house: House | None = None, **options: Any) -> TestClient:
    """A client of an application inside this process, over a store that is copied where it would be made."""
    if not settings.database_url.get_secret_value():
        put_empty_store(settings.data_dir)
    client = TestClient(create_app(settings, house), base_url="http://127.0.0.1:3001", **options)
    client.__enter__()
    return client


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Makes clients of applications inside this process, and closes them."""
    opened: list[TestClient] = []

    def make(settings: Settings, house: House | None = None, **options: Any) -> TestClient:
        opened.append(opened_client(settings, house, **options))
        return opened[-1]

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(client_of: ClientOf, settings: Settings) -> TestClient:
    """A client of the whole server without web search, inside this process."""
    return client_of(settings)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., TestClient]]:
    """Clients of applications that stand for a whole module, one for each choice of settings: for tests that leave
    nothing behind which another one would notice. To open one takes ten times what most requests take."""
    clients: dict[str, TestClient] = {}

    def client_of(**values: Any) -> TestClient:
        asked = repr(sorted(values.items()))
        if asked not in clients:
            settings = Settings(**{"data_dir": tmp_path_factory.mktemp("standing"), "web_search": False} | values)
            clients[asked] = opened_client(settings)
        return clients[asked]

    yield client_of
    for client in clients.values():
        client.__exit__(None, None, None)


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningUpstream]:
    """One engine without a model for the tests of a module."""
    running = RunningUpstream()
    yield running
    running.stop()


@pytest.fixture
def own_upstream() -> Iterator[RunningUpstream]:
    """One engine without a model of the test's own, which may be told to speak, or stopped."""
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

    def start(*flags: str, data_dir: Path | None = None, fresh: bool = False, **environment: str) -> RunningServer:
        folder = data_dir or tmp_path / f"data{len(servers)}"
        servers.append(RunningServer(folder, *flags, fresh=fresh, **environment))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL, where there is one or it may be installed."""
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A real S3 server, where there is one or it may be installed."""
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis, where there is one or it may be installed."""
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: RedisServer) -> RedisServer:
    """A real Redis with nothing in it."""
    redis_server.empty()
    return redis_server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind that a store may be in."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite3'}"
    else:
        with request.getfixturevalue("postgresql").database() as url:
            yield url


@pytest.fixture
async def database(store_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """An open database of each kind, with all tables and nothing in them."""
    if store_url.startswith("sqlite:"):
        put_empty_store(tmp_path)
    database = Database(store_url)
    await database.open()
    yield database
    await database.aclose()


@pytest.fixture(params=["folder", "memory", "object_store", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    """Nothing, in each place that blobs may be kept in."""
    if request.param == "folder":
        return FolderBlobs(tmp_path / "blobs")
    if request.param == "memory":
        return MemoryBlobs()
    if request.param == "object_store":
        return ObjectStoreBlobs(MemoryStore(), "memory:///")
    server: S3Server = request.getfixturevalue("s3")
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    return ObjectStoreBlobs.at(server.new_place())
