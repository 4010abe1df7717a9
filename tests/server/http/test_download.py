"""A download whose client leaves before its end: the file is closed at once, whatever the answer was about to do."""

import asyncio
from collections.abc import Mapping

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from inference.blobs.blobs import CHUNK_BYTES
from server.http.disconnect import EXTENSION, Departure
from server.settings import Settings
from tests.open_files import no_garbage_collector, open_files
from tests.server.asgi_scope import scope_of

FILE = b"x" * CHUNK_BYTES * 4
WAIT_S = 30.0


class Client:
    """One that takes so many messages of an answer, and leaves while the next one waits for it."""

    def __init__(self, takes: int, behind_our_protocol: bool) -> None:
        self._takes = takes
        self._departure = Departure()
        self._has_left = asyncio.Event()
        self._extensions = {EXTENSION: self._departure} if behind_our_protocol else {}
        self.sent: list[Message] = []
        self.is_full = asyncio.Event()

    async def ask(self, app: ASGIApp, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> None:
        scope = scope_of(method, path, headers or {}) | {"extensions": self._extensions}
        await app(scope, self._receive, self._send)

    def leave(self) -> None:
        self._has_left.set()
        self._departure.happen()

    async def _receive(self) -> Message:
        await self._has_left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)
        if len(self.sent) > self._takes:
            self.is_full.set()
            await asyncio.Event().wait()


def kept(client: TestClient) -> str:
    answer = client.post("/v1/files", files={"file": ("a.txt", FILE)}, data={"purpose": "user_data"})
    return f"/v1/files/{answer.json()['id']}/content"


@pytest.mark.parametrize("behind_our_protocol", [True, False])
@pytest.mark.parametrize("takes", [0, 1, 2, 3])
def test_a_file_is_closed_when_its_reader_leaves(
    client: TestClient, settings: Settings, takes: int, behind_our_protocol: bool
) -> None:
    path = kept(client)

    async def scenario() -> tuple[list[str], list[str]]:
        reader = Client(takes, behind_our_protocol)
        answering = asyncio.create_task(reader.ask(client.app, path))
        await asyncio.wait_for(reader.is_full.wait(), WAIT_S)
        meanwhile = open_files(settings.blobs_dir)
        reader.leave()
        await asyncio.wait_for(answering, WAIT_S)
        return meanwhile, open_files(settings.blobs_dir)

    assert client.portal is not None
    with no_garbage_collector():
        meanwhile, afterwards = client.portal.call(scenario)
    assert (len(meanwhile), afterwards) == (1, [])


def test_a_file_is_closed_when_the_server_ends_its_download(client: TestClient, settings: Settings) -> None:
    path = kept(client)

    async def scenario() -> list[str]:
        reader = Client(2, behind_our_protocol=True)
        answering = asyncio.create_task(reader.ask(client.app, path))
        await asyncio.wait_for(reader.is_full.wait(), WAIT_S)
        answering.cancel()
        await asyncio.wait({answering}, timeout=WAIT_S)
        return open_files(settings.blobs_dir)

    assert client.portal is not None
    with no_garbage_collector():
        assert client.portal.call(scenario) == []


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"range": "bytes=10-19"}, 206),
        ("GET", {"range": "bytes=999999999-"}, 416),
        ("HEAD", {}, 200),
    ],
)
def test_no_file_is_open_once_it_is_answered(
    client: TestClient, settings: Settings, method: str, headers: dict[str, str], status: int
) -> None:
    path = kept(client)

    async def scenario() -> tuple[int, list[str]]:
        reader = Client(100, behind_our_protocol=True)
        await asyncio.wait_for(reader.ask(client.app, path, headers, method), WAIT_S)
        return reader.sent[0]["status"], open_files(settings.blobs_dir)

    assert client.portal is not None
    with no_garbage_collector():
        assert client.portal.call(scenario) == (status, [])
