"""How an answer is written to its connection: few writes, none held up, and headers that every answer has."""

import asyncio

import pytest

from server.http.held_head import HeldHead
from server.http.security_headers import with_security_headers

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
SENT = with_security_headers(HEAD)


class WrittenTransport(asyncio.Transport):
    """Remembers what is written to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def get_write_buffer_size(self) -> int:
        return 2


def held() -> tuple[WrittenTransport, HeldHead]:
    transport = WrittenTransport()
    return transport, HeldHead(transport, asyncio.get_running_loop())


async def test_a_head_and_a_body_that_follows_at_once_are_one_write() -> None:
    transport, head = held()
    head.write(HEAD)
    head.write(b"{}")
    await asyncio.sleep(0)
    assert transport.written == [SENT + b"{}"]


async def test_a_head_waits_for_no_body_that_comes_later() -> None:
    transport, head = held()
    head.write(HEAD)
    await asyncio.sleep(0)
    assert transport.written == [SENT]
    head.write(b"{}")
    assert transport.written == [SENT, b"{}"]


async def test_a_head_goes_out_before_the_connection_is_closed() -> None:
    transport, head = held()
    head.write(HEAD)
    head.close()
    assert (transport.written, transport.closed) == ([SENT], True)


async def test_what_the_client_has_taken_is_what_does_not_wait_for_it() -> None:
    _, head = held()
    head.write(HEAD)
    head.write(b"{}")
    assert (head.waiting, head.taken) == (2, len(SENT))


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b"cache-control: no-store"),
        (b"HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\n\r\n", b"cache-control: max-age=60"),
    ],
)
def test_an_answer_is_not_kept_unless_it_says_so_itself(head: bytes, kept: bytes) -> None:
    sent = with_security_headers(head + b"cache-control: none of the head").partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert [line for line in sent if line.startswith(b"cache-control")] == [kept]


def test_an_interim_answer_has_no_headers() -> None:
    assert with_security_headers(b"HTTP/1.1 100 Continue\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
