"""Under which address the server is reached, and which engine would be the server itself."""

import asyncio
import contextlib
import socket
from collections import Counter

import pytest

from server.http.listening import ACCEPTED_AT_ONCE, is_own, listen, url_of
from server.settings import Settings

CONNECT_S = 60.0
"""For a connection that has a place in the line: it is made at once. One that has none is tried again for seconds."""

CLIENTS = 40
WAIT_S = 30.0


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:3001"),
        ("0.0.0.0", "http://127.0.0.1:3001"),
        ("::", "http://[::1]:3001"),
        ("[::1]", "http://[::1]:3001"),
        ("box.example", "http://box.example:3001"),
    ],
)
def test_the_address_is_one_that_this_machine_reaches(host: str, url: str) -> None:
    assert url_of(host, 3001) == url


@pytest.mark.parametrize(
    ("url", "host", "own"),
    [
        ("http://127.0.0.1:3001/v1", "127.0.0.1", True),
        ("http://localhost:3001", "127.0.0.1", True),
        ("http://localhost:3001", "0.0.0.0", True),
        ("http://[::1]:3001", "::1", True),
        ("http://BOX.example:3001/v1", "box.example", True),
        ("http://127.0.0.1:3002/v1", "127.0.0.1", False),
        ("http://[::1]:3001", "127.0.0.1", False),
        ("http://other.example:3001", "127.0.0.1", False),
        ("https://127.0.0.1/v1", "127.0.0.1", False),
    ],
)
def test_an_engine_that_is_the_server_itself_is_known(url: str, host: str, own: bool) -> None:
    assert is_own(url, host, 3001) is own


def test_more_connections_wait_in_line_than_are_accepted_at_once(settings: Settings) -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listen(settings.model_copy(update={"port": 0})))
        listener.listen(ACCEPTED_AT_ONCE)  # as asyncio does once more
        for _ in range(ACCEPTED_AT_ONCE + 10):
            stack.enter_context(socket.create_connection(listener.getsockname(), timeout=CONNECT_S))


async def test_of_many_that_come_at_once_few_are_accepted_in_one_turn_of_the_event_loop(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    turn, turns_of_each, all_there = 0, list[int](), asyncio.Event()

    class Accepted(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            turns_of_each.append(turn)
            if len(turns_of_each) == CLIENTS:
                all_there.set()
            transport.close()

    def count_turns() -> None:
        nonlocal turn
        turn += 1
        if not all_there.is_set():
            loop.call_soon(count_turns)

    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listen(settings.model_copy(update={"port": 0})))
        for _ in range(CLIENTS):
            stack.enter_context(socket.create_connection(listener.getsockname(), timeout=CONNECT_S))
        server = await loop.create_server(Accepted, sock=listener, backlog=ACCEPTED_AT_ONCE)
        count_turns()
        await asyncio.wait_for(all_there.wait(), WAIT_S)
        server.close()
    assert max(Counter(turns_of_each).values()) <= ACCEPTED_AT_ONCE + 1  # newer versions of asyncio take one more
