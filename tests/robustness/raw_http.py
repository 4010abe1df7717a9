"""HTTP by hand, for what no client library sends: half a request, garbage, a connection that is dropped."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TIMEOUT_S = 20.0


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


@contextmanager
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
    received = bytearray()
    try:
        while block := opened.recv(65_536):
            received += block
    except ConnectionResetError:
        pass  # the server closed while bytes of ours were still on their way; what it said came before
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    assert status_line.startswith("HTTP/1.1 "), f"no HTTP answer came, but {received[:100]!r}"
    return Answer(int(status_line.split(" ")[1]), headers, body)


def drop(opened: socket.socket) -> None:
    """Closes the connection as a process that dies does: with a reset, not in order."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    opened.close()
