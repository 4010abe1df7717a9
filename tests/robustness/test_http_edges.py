"""What no client library sends: garbage, half a request, a body over the limit. Each is answered, and then the next."""

import asyncio
import contextlib
import json
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import httpx
import pytest
import requests
import uvicorn
from harness import RunningServer
from uvicorn.server import ServerState

from server.app import create_app
from server.http.protocol import PIPELINED_MAX, bounded_http
from server.settings import Settings
from tests.robustness.raw_http import Answer, answer_to, connection, post, post_head, read_to_end
from tests.robustness.standstill import answer_to_at_once, standing_still
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

BODY_BYTES_MAX = 1_000_000
BODY_TIMEOUT_S = 0.3  # of the impatient server
Start = Callable[..., RunningServer]
VERIFY = "/v1/verify/reliability"
MCP = "/v1/mcp"
ASK = {"prompt": "When did the tower open?", "output": "The tower opened in 1889.", "context": "It opened in 1889."}
ACCEPTS = {
    "rest": (VERIFY, "*/*"),
    "mcp json": (MCP, "application/json"),
    "mcp events": (MCP, "application/json, text/event-stream"),
}


@pytest.fixture(scope="module")
def server(server_with: Start) -> RunningServer:
    return server_with("--body-bytes-max", str(BODY_BYTES_MAX))


@pytest.fixture(scope="module")
def impatient(server_with: Start) -> RunningServer:
    return server_with("--body-timeout-s", str(BODY_TIMEOUT_S))


@pytest.fixture(autouse=True)
def _the_next_request_works(request: pytest.FixtureRequest) -> Iterator[None]:
    used: RunningServer = request.getfixturevalue("impatient" if "impatient" in request.fixturenames else "server")
    yield
    assert answer_to_at_once(used, post(VERIFY, ASK, "Connection: close")).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"\0" * 1000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.org\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n b\r\n\r\n",
        b"GET /health HTTP/1.1\nHost: localhost\n\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: a\r\n" * 20_000 + b"\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Endless: " + b"a" * 2_000_000,
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        post_head(VERIFY, "Content-Length: -1") + b"{}",
        post_head(VERIFY, "Content-Length: 2", "Content-Length: 3") + b"{}",
        post_head(VERIFY, "Content-Length: 2", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        post_head(VERIFY, "Transfer-Encoding: chunked") + b"ZZ\r\n",
        post_head(VERIFY, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\nX-Endless: " + b"a" * 2_000_000,
        post_head(VERIFY, "Transfer-Encoding: chunked") + b"2;" + b"a" * 2_000_000,
        post_head(MCP, "Transfer-Encoding: chunked", "Accept: application/json") + b"5\r\nabcdefgh\r\n",
    ],
    ids=lambda sent: sent[:24].decode("latin-1"),
)
def test_what_is_no_http_is_a_bad_request_in_openais_shape(server: RunningServer, sent: bytes) -> None:
    answer = answer_to(server.url, sent)
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert "not a valid HTTP" in answer.error()["message"]


def test_a_long_header_within_the_limit_is_read(server: RunningServer) -> None:
    with server.client(headers={"x-long": "a" * 50_000}) as client:
        assert client.get("/health").status_code == 200


def test_white_space_around_the_value_of_a_header_is_none_of_it(server: RunningServer) -> None:
    sent = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id:\t  mine \t \r\n\r\n"
    assert answer_to(server.url, sent).headers["x-request-id"] == "mine"


HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def statuses(sent: bytes) -> list[bytes]:
    """Of all answers in what came over a connection."""
    return re.findall(rb"HTTP/1\.1 (\d+)", sent)


def all_that_comes(url: str, sent: Iterable[bytes]) -> bytes:
    """Until the server closes the connection."""
    with connection(url) as opened:
        for part in sent:
            opened.sendall(part)
        return read_to_end(opened)


def test_requests_sent_together_are_answered_in_turn(server: RunningServer) -> None:
    unknown = HEALTH.replace(b"/health", b"/unknown")
    assert statuses(all_that_comes(server.url, [HEALTH + unknown + HEALTH + LAST])) == [b"200", b"404", b"200", b"200"]


def test_a_request_is_answered_before_the_garbage_that_follows_it_ends_the_connection(server: RunningServer) -> None:
    answers = all_that_comes(server.url, [HEALTH + b"garbage\r\n\r\n" + HEALTH])
    assert statuses(answers) == [b"200"]
    assert b"connection: close" in answers


def test_more_requests_sent_together_than_are_read_ahead_end_the_connection(server: RunningServer) -> None:
    answers = all_that_comes(server.url, [HEALTH * 1_000])
    assert statuses(answers) == [b"200"] * (PIPELINED_MAX + 1)
    assert b"connection: close" in answers


@pytest.mark.parametrize("size", [1, 1_000], ids=["byte by byte", "at once"])
@pytest.mark.parametrize("path", ["/health", VERIFY])
def test_an_offer_to_speak_another_protocol_is_passed_over(server: RunningServer, path: str, size: int) -> None:
    """As Java's client makes it for HTTP/2 with every first request."""
    content = json.dumps(ASK).encode() if path == VERIFY else b""
    offer = post_head(path, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", f"Content-Length: {len(content)}")
    sent = offer.replace(b"POST /health", b"GET /health") + content + LAST
    parts = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert statuses(all_that_comes(server.url, parts)) == [b"200", b"200"]


def test_what_follows_a_chunked_body_is_no_header(server: RunningServer) -> None:
    content = json.dumps(ASK).encode()
    body = b"%x\r\n%b\r\n0\r\nX-Request-Id: from-the-end\r\n\r\n" % (len(content), content)
    answer = answer_to(server.url, post_head(VERIFY, "Transfer-Encoding: chunked", "Connection: close") + body)
    assert answer.status == 200
    assert answer.headers["x-request-id"] != "from-the-end"


@pytest.mark.parametrize(
    "origin", ["http://[", "http://localhost:1@evil.example.org", "http://", "\x7f", "null", "a" * 9_000]
)
def test_an_origin_that_is_none_is_refused(server: RunningServer, origin: str) -> None:
    answer = answer_to(
        server.url, f"GET /health HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.status in (400, 403)
    answer.error()


@pytest.mark.parametrize(
    "path",
    ["/%00", "/v1/models/%ff%fe", "/v1/models/%0d%0aX-Evil:%201", "/v1/../../etc/passwd", "//", "/" + "a/" * 9_000],
)
def test_an_odd_path_is_not_found(server: RunningServer, path: str) -> None:
    answer = answer_to(server.url, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.status == 404
    assert "x-evil" not in answer.headers
    answer.error()


def test_half_a_header_is_given_up(impatient: RunningServer) -> None:
    answer = answer_to_at_once(impatient, b"GET /health HTTP/1.1\r\nHost: localhost\r\n")
    assert (answer.status, answer.error()["code"]) == (408, "body_timeout")
    assert "TOUCHSTONE_BODY_TIMEOUT_S" in answer.error()["message"]


def test_half_a_second_header_on_an_open_connection_is_given_up(impatient: RunningServer) -> None:
    """In one piece with the first, which is answered: else an idle connection may be closed before the half is sent."""
    with contextlib.ExitStack() as stack:
        with standing_still(impatient):
            opened = stack.enter_context(connection(impatient.url))
            opened.sendall(HEALTH + b"GET /health HT")
        assert statuses(read_to_end(opened)) == [b"200", b"408"]


def test_a_connection_that_says_nothing_is_closed(impatient: RunningServer) -> None:
    with connection(impatient.url) as opened:
        assert opened.recv(1) == b""


@pytest.mark.parametrize("face", ACCEPTS)
def test_half_a_body_is_given_up(impatient: RunningServer, face: str) -> None:
    path, accept = ACCEPTS[face]
    answer = answer_to_at_once(
        impatient, post_head(path, f"Accept: {accept}", "Content-Length: 100", "Connection: close") + b'{"prompt"'
    )
    assert (answer.status, answer.error()["code"]) == (408, "body_timeout")


def test_a_body_that_drips_is_given_up_and_so_is_its_connection(impatient: RunningServer) -> None:
    """Each drop comes in time. The whole does not, and the client goes on after the answer."""
    with contextlib.ExitStack() as stack:
        with standing_still(impatient):
            opened = stack.enter_context(connection(impatient.url))
            opened.sendall(post_head(VERIFY, "Content-Length: 1000000"))
        opened.settimeout(0.05)
        received = bytearray()

        def closed() -> bool:
            try:
                opened.sendall(b" ")
                block = opened.recv(65_536)
            except TimeoutError:
                return False
            except ConnectionError:
                return True
            received.extend(block)
            return not block

        wait_until(closed, "the server closes a connection that drips")
        received.extend(read_to_end(opened))  # where the end came between two looks
    assert received.startswith(b"HTTP/1.1 408")


def assert_too_large(answer: Answer) -> None:
    assert (answer.status, answer.error()["code"]) == (413, "too_large")
    assert "1,000,000 bytes" in answer.error()["message"]
    assert "TOUCHSTONE_BODY_BYTES_MAX" in answer.error()["message"]


@pytest.mark.parametrize("face", ACCEPTS)
@pytest.mark.parametrize("over", [1, 7_000_000])
def test_a_declared_body_over_the_limit_is_refused_and_its_client_hears_why(
    server: RunningServer, face: str, over: int
) -> None:
    path, accept = ACCEPTS[face]
    content = b" " * (BODY_BYTES_MAX + over)
    headers = {"accept": accept, "content-type": "application/json"}
    with server.client(headers=headers) as client:
        answer = client.post(path, content=content)
    assert_too_large(Answer(answer.status_code, dict(answer.headers), answer.content))
    plain = requests.post(server.url + path, data=content, headers=headers, timeout=90)
    assert_too_large(Answer(plain.status_code, dict(plain.headers), plain.content))


@pytest.mark.parametrize("face", ACCEPTS)
def test_a_chunked_body_over_the_limit_is_refused_and_its_client_hears_why(server: RunningServer, face: str) -> None:
    path, accept = ACCEPTS[face]
    headers = {"accept": accept, "content-type": "application/json"}
    with server.client(headers=headers) as client:
        answer = client.post(path, content=(b" " * 65_536 for _ in range(100)))
    assert_too_large(Answer(answer.status_code, dict(answer.headers), answer.content))
    plain = requests.post(server.url + path, data=(b" " * 65_536 for _ in range(100)), headers=headers, timeout=90)
    assert_too_large(Answer(plain.status_code, dict(plain.headers), plain.content))


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize("flags", [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect:"]])
@pytest.mark.parametrize("path", [VERIFY, MCP])
def test_curl_hears_why_its_body_was_refused(server: RunningServer, flags: list[str], path: str) -> None:
    command = ["curl", "--silent", "--show-error", "--max-time", "90", "--noproxy", "*", "--data-binary", "@-"]
    command += ["-H", "Content-Type: application/json", *flags, server.url + path]
    done = subprocess.run(command, input=b" " * 5_000_000, capture_output=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["error"]["code"] == "too_large"


def test_a_body_of_exactly_the_limit_is_read(server: RunningServer) -> None:
    content = json.dumps(ASK).encode()
    with server.client() as client:
        assert client.post(VERIFY, content=content + b" " * (BODY_BYTES_MAX - len(content))).status_code == 200


def test_a_body_over_the_limit_may_be_followed_by_a_request_on_the_same_connection(server: RunningServer) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, limits=httpx.Limits(max_connections=1)) as client:
        assert client.post(VERIFY, content=b" " * 2_000_000).status_code == 413
        assert client.post(VERIFY, json=ASK).status_code == 200


async def test_an_answer_is_not_held_back_until_its_first_half_is_acknowledged() -> None:
    """Else each answer takes 40 ms longer, since its head and its body are two writes."""
    settings = Settings(data_dir=Path("unused"))
    config = uvicorn.Config(create_app(settings), http=bounded_http(settings), ws="none", log_config=None)
    config.load()
    state = ServerState()
    listener = socket.create_server(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}),  # type: ignore[call-arg]
        sock=listener,
    )
    async with server, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"}")
        (accepted,) = state.connections
        assert accepted.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        await writer.wait_closed()
