"""HTTP by hand, for what no client library sends: half a request, garbage, a connection that is dropped."""

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TIMEOUT_S = 90.0
"""For each block that comes; no test waits for it but where a machine does much else."""


class Answer(NamedTuple):
    """One HTTP answer, as far as it came before the server closed the connection."""

    status: int
    headers: dict[str, str]
    body: bytes

    def error(self) -> dict[str, Any]:
        """OpenAI's error object; fails if the body is anything else."""
        error: dict[str, Any] = json.loads(self.body)["error"]
        assert set(error) == {"message", "type", "param", "code"}
        return error


@contextlib.contextmanager
def connection(url: str) -> Iterator[socket.socket]:
    """A TCP connection to the server at `url`."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 80), TIMEOUT_S) as opened:
        yield opened


def post_head(path: str, *headers: str) -> bytes:
    """The head of a POST with a JSON body."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, body: object, *headers: str) -> bytes:
    """A whole POST."""
    content = json.dumps(body).encode()
    return post_head(path, f"Content-Length: {len(content)}", *headers) + content


def answer_to(url: str, sent: bytes) -> Answer:
    """What the server answers to `sent`, until it closes the connection."""
    with connection(url) as opened:
        opened.sendall(sent)
        return read_answer(opened)


def read_answer(opened: socket.socket) -> Answer:
    """The answer on `opened`, until the server closes. A timeout fails the test."""
    received = read_to_end(opened)
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    assert status_line.startswith("HTTP/1.1 "), f"no HTTP answer came, but {received[:100]!r}"
    return Answer(int(status_line.split(" ")[1]), headers, body)


def read_to_end(opened: socket.socket) -> bytes:
    """All that comes on `opened`, until the server closes. A timeout fails the test."""
    received = bytearray()
    with contextlib.suppress(ConnectionResetError):  # it closed while bytes of ours were on their way, and had spoken
        while block := opened.recv(65_536):
            received += block
    return bytes(received)


def read_until(opened: socket.socket, mark: bytes) -> bytes:
    """What comes on `opened` until `mark` has come, and whatever came with it."""
    received = b""
    while mark not in received:
        block = opened.recv(65_536)
        assert block, received[-500:]
        received += block
    return received


def drop(opened: socket.socket) -> None:
    """Closes the connection as a process that dies does: with a reset, not in order."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    opened.close()
