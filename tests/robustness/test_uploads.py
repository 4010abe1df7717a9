"""Uploads under bad circumstances: gigabytes, clients that leave or stall, a full disk. Nothing is left behind."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import ClientOf, RunningServer
from starlette.types import Message

from server.settings import Settings
from tests.robustness.raw_http import connection, drop, read_answer
from tests.robustness.small_disk import small_disk
from tests.robustness.waiting import wait_until
from tests.server.asgi_scope import post_scope

pytestmark = pytest.mark.process

MIB = 1024 * 1024
LARGE_MIB = 300
GROWTH_MIB_MAX = 48  # what the server may grow by meanwhile; some MiB are on their way to the disk at any time
SILENCE_S = 1.0
DISK_KIB = 2048
Start = Callable[..., RunningServer]

FILE_HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
PURPOSE = b'\r\n--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b--\r\n'


def head(size: int, path: str = "/v1/files") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {size}\r\nConnection: close\r\n\r\n"
    ).encode()


def form(mebibytes: int) -> Iterator[bytes]:
    """A form with a file of so many MiB, the file first, as curl sends it."""
    yield FILE_HEAD
    for number in range(mebibytes):
        yield number.to_bytes(4, "big") * (MIB // 4)
    yield PURPOSE


def size_of(mebibytes: int) -> int:
    return len(FILE_HEAD) + mebibytes * MIB + len(PURPOSE)


def left_behind(data: Path) -> list[Path]:
    return [path for path in (data / "blobs").rglob("*") if path.is_file()]


def unfinished(data: Path) -> bool:
    return any((data / "blobs" / "unfinished").glob("*"))


def peak_mib(server: RunningServer) -> int:
    """The most memory that the server has had since it was started."""
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("only Linux tells how much memory a process has had")
    lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) // 1024


def send_file(server: RunningServer, mebibytes: int) -> str:
    with server.client() as client:
        headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(size_of(mebibytes))}
        answer = client.post("/v1/files", content=form(mebibytes), headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["bytes"] == mebibytes * MIB
        return str(answer.json()["id"])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patient") / "data"


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[RunningServer]:
    running = RunningServer(data, "--file-bytes-max", str(LARGE_MIB * MIB))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def impatient_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("impatient") / "data"


@pytest.fixture(scope="module")
def impatient(impatient_data: Path) -> Iterator[RunningServer]:
    running = RunningServer(impatient_data, "--body-timeout-s", f"{SILENCE_S:g}")
    yield running
    running.stop()


def test_a_large_file_comes_and_goes_without_taking_up_memory(server: RunningServer) -> None:
    wait_until(lambda: "judge_loaded" in server.log(), "the judge is loaded")
    send_file(server, 8)
    before = peak_mib(server)
    file_id = send_file(server, LARGE_MIB)
    with server.client() as client, client.stream("GET", f"/v1/files/{file_id}/content") as answer:
        received = sum(len(chunk) for chunk in answer.iter_bytes())
    assert received == LARGE_MIB * MIB
    assert peak_mib(server) - before < GROWTH_MIB_MAX


@pytest.mark.parametrize("leave", [drop, socket.socket.close], ids=["with a reset", "in order"])
def test_a_client_that_leaves_half_way_leaves_nothing_behind(
    server: RunningServer, data: Path, leave: Callable[[socket.socket], None]
) -> None:
    before = left_behind(data)
    with server.client() as client:
        listed = client.get("/v1/files").json()
    with connection(server.url) as opened:
        opened.sendall(head(size_of(8)) + FILE_HEAD + b"x" * 3 * MIB)
        wait_until(lambda: unfinished(data), "the file is being written")
        leave(opened)
    wait_until(lambda: left_behind(data) == before, "what was written is removed")
    with server.client() as client:
        assert client.get("/v1/files").json() == listed
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("path", ["/v1/files", "/v1/uploads/{upload_id}/parts"])
def test_a_client_that_stalls_is_cut_and_leaves_nothing_behind(
    impatient: RunningServer, impatient_data: Path, path: str
) -> None:
    before = left_behind(impatient_data)
    with impatient.client() as client:
        asked = {"filename": "a", "purpose": "batch", "bytes": 9, "mime_type": "m"}
        path = path.format(upload_id=client.post("/v1/uploads", json=asked).json()["id"])
    field = FILE_HEAD.replace(b'"file"', b'"data"') if "uploads" in path else FILE_HEAD
    with connection(impatient.url) as opened:
        with contextlib.suppress(ConnectionError):  # this process itself got no time for as long, and is told so
            opened.sendall(head(size_of(8), path) + field + b"x" * 3 * MIB)
        answer = read_answer(opened)
    assert (answer.status, answer.error()["code"]) == (408, "body_timeout")
    assert "nothing more of the request body came for 1 s" in answer.error()["message"]
    wait_until(lambda: left_behind(impatient_data) == before, "what was written is removed")


def test_a_file_may_take_longer_than_a_body_may_be_silent(
    client_of: ClientOf, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, where the test says what time it is: each piece comes in time, and all of them do not."""
    silence_s = 1_000.0
    client = client_of(settings.model_copy(update={"body_timeout_s": silence_s}))
    pieces = [FILE_HEAD, *[b"x"] * 6, PURPOSE]

    async def upload() -> int:
        loop, given, passed_s = asyncio.get_running_loop(), iter(pieces), 0.0
        now, sent = loop.time, list[Message]()
        monkeypatch.setattr(loop, "time", lambda: now() + passed_s)

        async def receive() -> Message:
            nonlocal passed_s
            if (piece := next(given, None)) is None:
                await asyncio.Event().wait()
            passed_s += 0.6 * silence_s
            for _ in range(3):  # whoever looks at the time does so now
                await asyncio.sleep(0)
            return {"type": "http.request", "body": piece, "more_body": piece is not PURPOSE}

        async def send(message: Message) -> None:
            sent.append(message)

        await client.app(post_scope("/v1/files", {"content-type": "multipart/form-data; boundary=b"}), receive, send)
        return int(sent[0]["status"])

    assert client.portal
    assert client.portal.call(upload) == 200


def test_a_file_that_is_announced_as_too_large_is_refused_before_it_is_sent(server: RunningServer) -> None:
    with connection(server.url) as opened:
        opened.sendall(head((LARGE_MIB + 2) * MIB))
        answer = read_answer(opened)
    assert (answer.status, answer.error()["code"]) == (413, "too_large")
    assert "TOUCHSTONE_FILE_BYTES_MAX" in answer.error()["message"]


def test_an_upload_goes_on_after_the_server_was_killed(start_server: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start_server(data_dir=data)
    with first.client() as client:
        asked = {"filename": "a", "purpose": "batch", "bytes": 2 * MIB, "mime_type": "m"}
        path = f"/v1/uploads/{client.post('/v1/uploads', json=asked).json()['id']}"
        part_ids = [client.post(f"{path}/parts", files={"data": ("a", b"a" * MIB)}).json()["id"]]
    first.process.kill()
    first.process.wait()
    with start_server(data_dir=data).client() as client:
        part_ids.append(client.post(f"{path}/parts", files={"data": ("a", b"b" * MIB)}).json()["id"])
        file = client.post(f"{path}/complete", json={"part_ids": part_ids}).json()["file"]
        assert client.get(f"/v1/files/{file['id']}/content").content == b"a" * MIB + b"b" * MIB


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes. Skips where none may be mounted."""
    with small_disk(tmp_path, DISK_KIB) as folder:
        yield folder


def test_a_file_that_does_not_fit_on_the_disk_is_refused_and_leaves_nothing_behind(
    disk: Path, tmp_path: Path, start_server: Start
) -> None:
    (disk / "blobs").mkdir()
    data = tmp_path / "data"
    data.mkdir()
    (data / "blobs").symlink_to(disk / "blobs")
    server = start_server(data_dir=data, TOUCHSTONE_DISK_FREE_BYTES_MIN="0")
    with server.client() as client:
        kept = client.post("/v1/files", files={"file": ("a", b"x" * MIB)}, data={"purpose": "batch"}).json()["id"]
        refused = client.post("/v1/files", files={"file": ("a", b"x" * 4 * MIB)}, data={"purpose": "batch"})
        error = refused.json()["error"]
        assert (refused.status_code, error["code"]) == (503, "blobs_unavailable")
        assert "No space left on device" in error["message"]
        assert len(left_behind(data)) == 1
        assert [file["id"] for file in client.get("/v1/files").json()["data"]] == [kept]
        assert client.get(f"/v1/files/{kept}/content").content == b"x" * MIB
        smaller = client.post("/v1/files", files={"file": ("a", b"x" * (MIB // 2))}, data={"purpose": "batch"})
        assert smaller.status_code == 200


def test_files_leave_room_on_the_disk_for_what_batches_write(disk: Path, tmp_path: Path, start_server: Start) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "blobs").symlink_to(disk)
    room = 600 * 1024
    server = start_server(data_dir=data, TOUCHSTONE_DISK_FREE_BYTES_MIN=str(room))
    ask = {"filename": "a", "purpose": "batch", "bytes": MIB, "mime_type": "text/plain"}
    lines = [{"prompt": "Where is it?", "response": "It is in Paris."}]
    call = {"name": "batch_submit", "arguments": {"lines": lines}}
    with server.client() as client:
        kept = client.post("/v1/files", files={"file": ("a", b"x" * MIB)}, data={"purpose": "batch"}).json()["id"]
        upload = client.post("/v1/uploads", json=ask).json()["id"]
        filler = disk / "filler"
        filler.write_bytes(b"x" * (shutil.disk_usage(disk).free - room + 4096))
        refused = [
            client.post("/v1/files", files={"file": ("a", b"x")}, data={"purpose": "batch"}),
            client.post(f"/v1/uploads/{upload}/parts", files={"data": ("a", b"x")}),
        ]
        for answer in refused:
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "blobs_unavailable")
            assert "TOUCHSTONE_DISK_FREE_BYTES_MIN" in answer.json()["error"]["message"]
        called = client.post(
            "/v1/mcp",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
            headers={"accept": "application/json"},
        )
        assert "TOUCHSTONE_DISK_FREE_BYTES_MIN" in called.text
        assert client.get(f"/v1/files/{kept}/content").content == b"x" * MIB
        filler.unlink()
        assert client.post(f"/v1/uploads/{upload}/parts", files={"data": ("a", b"x")}).status_code == 200
