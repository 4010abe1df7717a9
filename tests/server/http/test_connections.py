"""The connections of a server as a whole, on a clock of the test's own: who is cut off, who makes room, who stays."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from server.http.connections import (
    GIVES_WAY_AFTER_S,
    RESPONSE_S_MAX,
    SEND_BYTES_PER_S_MIN,
    SPARE,
    Connections,
    address_of_client,
)

HEADER_S, SEND_S = 30.0, 20.0
LATE_S = 1.5  # by which a look may come late


class Clock:
    """As much of an event loop as is needed, whose time the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self._calls: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay_s: float, callback: Callable[..., None], *arguments: Any) -> object:
        self._calls.append((self.now_s + delay_s, callback, arguments))
        return object()

    def advance(self, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        until_s = self.now_s + seconds
        while self._calls and min(call[0] for call in self._calls) <= until_s:
            due = min(self._calls, key=lambda call: call[0])
            self._calls.remove(due)
            self.now_s = due[0]
            meanwhile()
            due[1](*due[2])
        self.now_s = until_s

    @property
    def is_watched(self) -> bool:
        return bool(self._calls)


class Client:
    """A connection as its owner sees it."""

    def __init__(self) -> None:
        self.waiting = self.taken = 0
        self.request: object | None = None
        self.told: list[str] = []

    def waiting_bytes(self) -> int:
        return self.waiting

    def taken_bytes(self) -> int:
        return self.taken

    def answering(self) -> object | None:
        return self.request

    def header_is_late(self) -> None:
        self.told.append("late")

    def give_way(self) -> None:
        self.told.append("gave way")

    def cut(self) -> None:
        self.told.append("cut")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def connections(connections_max: int = 10, per_address_max: int = 0) -> Connections:
    return Connections(connections_max, per_address_max, HEADER_S, SEND_S)


def loop(clock: Clock) -> asyncio.AbstractEventLoop:
    return cast(asyncio.AbstractEventLoop, clock)


def answered(clock: Clock, waiting: int) -> tuple[Connections, Client]:
    """A client that is being answered, with so many bytes that it does not take."""
    all_of_them, client = connections(), Client()
    all_of_them.enter(client, "a", clock.now_s)
    client.request, client.waiting = object(), waiting
    all_of_them.answer(client, loop(clock))
    return all_of_them, client


def test_a_header_that_does_not_come_is_late_once(clock: Clock) -> None:
    all_of_them, client = connections(), Client()
    all_of_them.enter(client, "a", clock.now_s)
    all_of_them.wait_for_request(client, loop(clock))
    clock.advance(HEADER_S - 0.1)
    assert client.told == []
    all_of_them.wait_for_request(client, loop(clock))  # more of it came, which gains nothing
    clock.advance(LATE_S)
    assert client.told == ["late"]
    clock.advance(3 * HEADER_S)
    assert client.told == ["late"]


def test_who_takes_nothing_of_an_answer_is_cut(clock: Clock) -> None:
    _, client = answered(clock, waiting=100_000)
    clock.advance(SEND_S - 0.1)
    assert client.told == []
    clock.advance(2 * LATE_S)
    assert client.told[:1] == ["cut"]


def test_who_takes_an_answer_in_drops_is_cut(clock: Clock) -> None:
    _, client = answered(clock, waiting=100_000)

    def drip() -> None:
        client.taken += 10

    clock.advance(SEND_S + 2 * LATE_S, drip)
    assert client.told[:1] == ["cut"]


def test_who_reads_slowly_but_steadily_is_left_alone(clock: Clock) -> None:
    _, client = answered(clock, waiting=100_000)

    def read() -> None:
        client.taken += 2 * SEND_BYTES_PER_S_MIN

    clock.advance(20 * SEND_S, read)
    assert client.told == []


def test_an_answer_that_waits_for_us_and_not_for_its_client_may_take_long(clock: Clock) -> None:
    _, client = answered(clock, waiting=0)
    clock.advance(RESPONSE_S_MAX - 10)
    assert client.told == []


def test_no_answer_takes_for_ever(clock: Clock) -> None:
    _, client = answered(clock, waiting=0)
    clock.advance(RESPONSE_S_MAX + 3 * LATE_S)
    assert client.told[:1] == ["cut"]


def test_each_answer_on_a_connection_has_its_own_time(clock: Clock) -> None:
    _, client = answered(clock, waiting=0)
    clock.advance(RESPONSE_S_MAX - 10)
    client.request = object()
    clock.advance(RESPONSE_S_MAX - 10)
    assert client.told == []


def test_an_answer_is_looked_at_until_its_last_byte_is_taken_although_it_is_written(clock: Clock) -> None:
    _, client = answered(clock, waiting=100_000)
    client.request = None
    clock.advance(SEND_S + 2 * LATE_S)
    assert client.told[:1] == ["cut"]


def test_nothing_is_looked_at_once_all_is_taken(clock: Clock) -> None:
    _, client = answered(clock, waiting=100_000)
    client.request, client.waiting = None, 0
    clock.advance(2 * LATE_S)
    assert not clock.is_watched


def full(clock: Clock, connections_max: int) -> tuple[Connections, list[Client]]:
    """As many as may be, all of them waiting for a request."""
    all_of_them, clients = connections(connections_max), [Client() for _ in range(connections_max)]
    for client in clients:
        assert all_of_them.enter(client, "a", clock.now_s) == ""
        all_of_them.wait_for_request(client, loop(clock))
        clock.now_s += 0.01
    return all_of_them, clients


def test_the_one_that_has_waited_longest_makes_room(clock: Clock) -> None:
    all_of_them, clients = full(clock, 3)
    all_of_them.request_is_there(clients[0])
    clock.advance(GIVES_WAY_AFTER_S)
    assert all_of_them.enter(Client(), "b", clock.now_s) == ""
    assert [client.told for client in clients] == [[], ["gave way"], []]


def test_one_that_has_only_just_come_makes_no_room(clock: Clock) -> None:
    all_of_them, clients = full(clock, 3)
    assert all_of_them.enter(Client(), "b", clock.now_s) == "connections_max"
    assert [client.told for client in clients] == [[], [], []]


def test_who_is_being_answered_makes_no_room(clock: Clock) -> None:
    all_of_them, clients = full(clock, 2)
    all_of_them.request_is_there(clients[0])
    clients[1].waiting = 1
    clock.advance(GIVES_WAY_AFTER_S)
    assert all_of_them.enter(Client(), "b", clock.now_s) == "connections_max"


def test_far_over_the_limit_nobody_is_told_why(clock: Clock) -> None:
    all_of_them, _ = full(clock, 1)
    refused = [Client() for _ in range(SPARE + 1)]
    assert {all_of_them.enter(client, "b", clock.now_s) for client in refused} == {"connections_max"}
    assert [client.told for client in refused] == [[]] * SPARE + [["cut"]]


def test_one_address_has_no_more_than_its_share_and_gets_it_back(clock: Clock) -> None:
    all_of_them, first = connections(per_address_max=1), Client()
    assert all_of_them.enter(first, "a", clock.now_s) == ""
    second = Client()
    assert all_of_them.enter(second, "a", clock.now_s) == "connections_per_address_max"
    assert all_of_them.enter(Client(), "b", clock.now_s) == ""
    all_of_them.leave(first, "a")
    all_of_them.leave(second, "a")
    assert all_of_them.enter(Client(), "a", clock.now_s) == ""


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_client_counts_by_its_network(host: str, counted: str) -> None:
    assert address_of_client(host) == counted
