"""A client that leaves half way: its work ends, its place is free, and nothing of it is counted as a verdict.

One verification may run at a time here, so a next one is only answered once the place is free. The abandoned work is
long: had it run on to its end, its verdict would be among the figures.
"""

import re
import select
import socket
from collections.abc import Callable
from typing import Any

import pytest
from harness import RunningServer

from tests.robustness.raw_http import connection, drop, post, post_head, read_until
from tests.robustness.waiting import wait_until

Start = Callable[..., RunningServer]
VERIFY = "/v1/verify/reliability"
CHAT = "/v1/chat/completions"
MCP = "/v1/mcp"
SHORT = {"prompt": "When did the tower open?", "output": "It opened in 1889.", "context": "The tower opened in 1889."}
CLAIMS = 2_500  # some five seconds of work
TRIES_MAX = 5  # where this process gets no time for as long as the work takes
LONG_ANSWER = " ".join(f"Tower {number} is {number} metres tall." for number in range(CLAIMS))
LONG = {"prompt": "How tall are the towers?", "output": LONG_ANSWER}
LONG_CHAT = {
    "model": "touchstone/verify",
    "messages": [{"role": "user", "content": LONG["prompt"]}, {"role": "assistant", "content": LONG_ANSWER}],
}
LONG_CALL: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {
        "name": "verify",
        "arguments": {"prompt": LONG["prompt"], "response": LONG_ANSWER},
        "_meta": {"progressToken": 1},
    },
}
BOTH = "Accept: application/json, text/event-stream"

PLAIN = {
    "rest": post(VERIFY, LONG),
    "chat": post(CHAT, LONG_CHAT),
    "chat, streamed": post(CHAT, LONG_CHAT | {"stream": True}),
    "mcp": post(MCP, LONG_CALL, "Accept: application/json"),
}
STREAMED = {
    "rest": (post(VERIFY, LONG | {"stream": True}), b"event: claim"),
    "mcp": (post(MCP, LONG_CALL, BOTH), b"notifications/progress"),
    "mcp at the other path": (post("/stream", LONG_CALL, BOTH), b"notifications/progress"),
}
HALF = {
    "rest": post_head(VERIFY, "Content-Length: 1000") + b'{"prompt": "',
    "mcp": post_head(MCP, "Content-Length: 1000", "Accept: application/json") + b'{"jsonrpc": "',
    "mcp, streamed": post_head(MCP, "Transfer-Encoding: chunked", BOTH) + b"5\r\n{",
}


LEAVING = pytest.mark.parametrize(
    "leave", [pytest.param(drop, id="reset"), pytest.param(socket.socket.close, id="closed", marks=pytest.mark.fuzz)]
)


@pytest.fixture(scope="module")
def server(server_with: Start) -> RunningServer:
    return server_with("--running-max", "1", "--claims-max", str(CLAIMS))


def figure(server: RunningServer, name: str) -> float:
    """The sum of a figure over its labels."""
    with server.client() as client:
        lines = client.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(rf"{name}[ {{]", line))


def in_flight(server: RunningServer) -> int:
    """Requests that are being served, beside the one that asks."""
    return int(figure(server, "touchstone_requests_in_flight")) - 1


def answered(opened: socket.socket) -> bool:
    return bool(select.select([opened], [], [], 0)[0])


def assert_free_again(server: RunningServer, verdicts_before: float) -> None:
    wait_until(lambda: in_flight(server) == 0, "the abandoned request ends")
    with server.client() as client:
        assert client.post(VERIFY, json=SHORT).status_code == 200
    assert figure(server, "touchstone_verdicts_total") == verdicts_before + 1
    assert "Traceback" not in server.log()


@LEAVING
@pytest.mark.parametrize("face", PLAIN)
def test_work_ends_when_the_client_leaves_before_the_answer(
    server: RunningServer, face: str, leave: Callable[[socket.socket], None]
) -> None:
    for _ in range(TRIES_MAX):
        before = figure(server, "touchstone_verdicts_total")
        with connection(server.url) as opened:
            opened.sendall(PLAIN[face])
            wait_until(lambda: in_flight(server) == 1 or answered(opened), "the request is being served")
            leaves_in_time = not answered(opened)
            leave(opened)
        if leaves_in_time:
            return assert_free_again(server, before)
    raise AssertionError(f"{TRIES_MAX} times it was answered before this process came to look")


@LEAVING
@pytest.mark.parametrize("face", STREAMED)
def test_work_ends_when_the_client_leaves_in_the_middle_of_a_stream(
    server: RunningServer, face: str, leave: Callable[[socket.socket], None]
) -> None:
    before = figure(server, "touchstone_verdicts_total")
    sent, mark = STREAMED[face]
    with connection(server.url) as opened:
        opened.sendall(sent)
        read_until(opened, mark)
        leave(opened)
    assert_free_again(server, before)


@pytest.mark.parametrize("face", HALF)
def test_a_client_that_leaves_in_the_middle_of_its_body_is_forgotten(server: RunningServer, face: str) -> None:
    before = figure(server, "touchstone_verdicts_total")
    with connection(server.url) as opened:
        opened.sendall(HALF[face])
        wait_until(lambda: in_flight(server) == 1, "the request is being served")
        drop(opened)
    assert_free_again(server, before)


def test_those_who_wait_for_their_turn_may_leave_too(server: RunningServer) -> None:
    before = figure(server, "touchstone_verdicts_total")
    with connection(server.url) as first, connection(server.url) as second, connection(server.url) as third:
        for number, opened in enumerate((first, second, third), 1):
            opened.sendall(PLAIN["rest"])
            wait_until(lambda number=number: in_flight(server) == number, "the requests are in line")
        for opened in (second, first, third):
            drop(opened)
    assert_free_again(server, before)
