"""How an answer is written to its connection: few writes, none held up, and no client waited for without end."""

import asyncio
from typing import cast

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from server.event_writer import EventWriter
from server.held_head import HeldHead

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class WrittenTransport(asyncio.Transport):
    """Remembers what is written to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True


def held() -> tuple[WrittenTransport, HeldHead]:
    transport = WrittenTransport()
    return transport, HeldHead(transport, asyncio.get_running_loop())


async def test_a_head_and_a_body_that_follows_at_once_are_one_write() -> None:
    transport, head = held()
    head.write(HEAD)
    head.write(b"{}")
    await asyncio.sleep(0)
    assert transport.written == [HEAD + b"{}"]


async def test_a_head_waits_for_no_body_that_comes_later() -> None:
    transport, head = held()
    head.write(HEAD)
    await asyncio.sleep(0)
    assert transport.written == [HEAD]
    head.write(b"{}")
    assert transport.written == [HEAD, b"{}"]


async def test_a_head_goes_out_before_the_connection_is_closed() -> None:
    transport, head = held()
    head.write(HEAD)
    head.close()
    assert (transport.written, transport.closed) == ([HEAD], True)


async def test_a_client_that_takes_nothing_any_more_counts_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.event_writer.SEND_TIMEOUT_S", 0.02)

    async def takes_the_head_alone(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def write_one() -> None:
        async with asyncio.timeout(10), EventWriter(takes_the_head_alone) as writer:
            await writer.start([])
            await writer.write(b"data: 1\n\n")

    with pytest.raises(ClientDisconnect):
        await write_one()
    assert cast(asyncio.Task[None], asyncio.current_task()).cancelling() == 0


async def test_a_client_that_takes_all_is_not_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.event_writer.SEND_TIMEOUT_S", 0.0)
    sent: list[Message] = []

    async def takes_all(message: Message) -> None:
        sent.append(message)

    async with EventWriter(takes_all) as writer:
        await writer.start([(b"content-type", b"text/event-stream")])
        for _ in range(5):
            await asyncio.sleep(0.001)  # between two chunks the timer runs out again and again
            await writer.write(b"data: 1\n\n")
        await writer.end()
    assert (len(sent), sent[-1].get("more_body", False)) == (7, False)
