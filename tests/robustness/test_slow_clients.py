"""Clients that are slow on purpose: each is cut off in time, and meanwhile the others are served."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from harness import RunningServer, RunningUpstream

from benchmarks.slow_swarm import KINDS, Swarm
from tests.robustness.raw_http import Answer, answer_to, connection, post, post_head, read_answer, read_to_end
from tests.robustness.waiting import wait_until

Start = Callable[..., RunningServer]
VERIFY = "/v1/verify/reliability"
ASK = {"prompt": "When did the tower open?", "output": "The tower opened in 1889.", "context": "It opened in 1889."}
CHAT = "/v1/chat/completions"
FILE_ROUTE = "/v1/files/{file_id}/content"
FILE_BYTES = 20_000_000
ANSWER_BYTES = 6_000_000
SLOW_CLIENTS = 300
LIVE_REQUESTS = 60
MEMORY_BYTES_MAX = 600 * 1024 * 1024
NEEDS_PROC = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are read from /proc")


@pytest.fixture(scope="module")
def server(server_with: Start, upstream: RunningUpstream) -> RunningServer:
    return server_with("--send-timeout-s", "1", "--body-timeout-s", "6", "--engine-url", upstream.url)


def file_of(server: RunningServer, size: int = FILE_BYTES) -> str:
    with server.client() as client:
        answer = client.post("/v1/files", files={"file": ("large.txt", b"x" * size)}, data={"purpose": "user_data"})
        return str(answer.json()["id"])


def connections_of(server: RunningServer) -> int:
    """Sockets that the server has open: the connections to its callers, and a few that are always there."""
    found = 0
    for file in Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            found += str(file.readlink()).startswith("socket:")
        except FileNotFoundError:  # closed meanwhile
            continue
    return found


def ended(server: RunningServer, route: str) -> int:
    """Requests to `route` that were answered or given up, ever."""
    with server.client() as client:
        lines = client.get("/metrics").text.splitlines()
    counted = [line for line in lines if line.startswith(f'touchstone_requests_total{{route="{route}"')]
    return int(sum(float(line.rpartition(" ")[2]) for line in counted))


def unread(server: RunningServer, sent: bytes) -> socket.socket:
    """A connection with little room for what comes, which nobody reads."""
    address = urlsplit(server.url)
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.connect((address.hostname, address.port))
    opened.sendall(sent)
    return opened


def test_a_client_that_does_not_read_its_file_is_cut_off(server: RunningServer) -> None:
    file_id, before = file_of(server), ended(server, FILE_ROUTE)
    with unread(server, f"GET /v1/files/{file_id}/content HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()) as opened:
        wait_until(lambda: ended(server, FILE_ROUTE) > before, "the client that does not read is cut off")
        assert len(read_to_end(opened)) < FILE_BYTES


@NEEDS_PROC
def test_a_client_that_does_not_read_an_answer_that_is_written_is_cut_off(server: RunningServer) -> None:
    large = {"model": "echo", "messages": [{"role": "user", "content": "x" * ANSWER_BYTES}]}
    before, connected = ended(server, CHAT), connections_of(server)
    with unread(server, post(CHAT, large)):
        wait_until(lambda: ended(server, CHAT) > before, "the answer is written")
        wait_until(lambda: connections_of(server) <= connected, "the client that does not read is cut off")


def test_a_client_that_does_not_read_its_stream_is_cut_off(server: RunningServer) -> None:
    large = {"model": "echo", "stream": True, "messages": [{"role": "user", "content": "x" * ANSWER_BYTES}]}
    before = ended(server, CHAT)
    with unread(server, post(CHAT, large)) as opened:
        wait_until(lambda: ended(server, CHAT) > before, "the client that does not read is cut off")
        assert len(read_to_end(opened)) < ANSWER_BYTES


async def test_among_slow_clients_every_live_request_is_served_and_memory_is_bounded(server: RunningServer) -> None:
    port = urlsplit(server.url).port or 0
    swarm = Swarm(port, SLOW_CLIENTS, file_of(server), list(KINDS))
    running = asyncio.create_task(swarm.run())
    async with asyncio.timeout(150), httpx.AsyncClient(base_url=server.url, timeout=120, trust_env=False) as client:
        await swarm.all_there.wait()
        statuses = [(await client.post(VERIFY, json=ASK)).status_code for _ in range(LIVE_REQUESTS)]
        while not all(swarm.cut[kind] for kind in ("header", "body", "idle")):  # noqa: ASYNC110  a count, no event
            await asyncio.sleep(0.1)
    running.cancel()
    assert set(statuses) == {200}
    assert memory_of(server) < MEMORY_BYTES_MAX


def memory_of(server: RunningServer) -> int:
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        return 0
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def test_idle_connections_make_room_where_there_are_as_many_as_may_be(server_with: Start) -> None:
    server = server_with("--connections-max", "4")
    idle = [connection(server.url) for _ in range(4)]
    opened = [one.__enter__() for one in idle]
    try:

        def served() -> bool:
            with server.client() as client:
                return client.post(VERIFY, json=ASK).status_code == 200

        wait_until(served, "an idle connection makes room")
        assert any(is_closed(one) for one in opened)
    finally:
        for one in idle:
            one.__exit__(None, None, None)


def is_closed(opened: socket.socket) -> bool:
    opened.settimeout(0.1)
    try:
        return opened.recv(1) == b""
    except TimeoutError:
        return False


def test_half_a_request_that_makes_room_hears_why(server_with: Start) -> None:
    server = server_with("--connections-max", "1")
    with connection(server.url) as half:
        half.sendall(b"GET /health HTTP/1.1\r\nHost: loc")

        def served() -> bool:
            with server.client() as client:
                return client.get("/health").status_code == 200

        wait_until(served, "half a request makes room")
        answer = read_answer(half)
    assert (answer.status, answer.error()["code"]) == (503, "overloaded")
    assert "TOUCHSTONE_CONNECTIONS_MAX" in answer.error()["message"]


def test_one_address_gets_no_more_connections_than_its_share(server_with: Start) -> None:
    server = server_with("--connections-per-address-max", "1")
    with connection(server.url) as first:
        first.sendall(post_head(VERIFY, "Content-Length: 2", "Connection: close"))
        refused = answer_to(server.url, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (refused.status, refused.error()["code"]) == (503, "overloaded")
        assert "TOUCHSTONE_CONNECTIONS_PER_ADDRESS_MAX" in refused.error()["message"]
        first.sendall(b"{}")
        assert read_answer(first).status == 400


SECURITY = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200),
        (b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
        (b"GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
        (post(VERIFY, ASK, "Connection: close"), 200),
        (post(VERIFY, ASK | {"stream": True}, "Connection: close"), 200),
        (
            post(
                "/v1/chat/completions",
                {"model": "echo", "stream": True, "messages": [{"role": "user", "content": "Hello"}]},
                "Connection: close",
            ),
            200,
        ),
        (b"garbage\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: loc", 408),
        (post_head(VERIFY, "Content-Length: 100", "Connection: close") + b"{", 408),
    ],
)
def test_every_answer_has_security_headers(server: RunningServer, sent: bytes, status: int) -> None:
    answer: Answer = answer_to(server.url, sent)
    assert answer.status == status
    assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY
