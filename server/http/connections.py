"""The connections of one server as a whole: which may stay, and which have kept it waiting for too long.

One timer looks at all of them. A connection that waits for a request, or sends one slowly, has `header_s` for it.
An answer goes on for as long as its client takes it: at least SEND_BYTES_PER_S_MIN of it on average over `send_s`
wherever the client is what holds it up, and RESPONSE_S_MAX in all.

Where there are as many as may be, those that wait for a request make room, the one first that has waited longest.
Whoever is being answered is never cut off for another one.
"""

import asyncio
import ipaddress
from collections import Counter
from functools import lru_cache
from itertools import islice
from typing import Protocol

LOOKS = 4
"""Within the shortest of the limits: each may be exceeded by one part in so many, and by LATE_MAX_S at the most."""

LATE_MAX_S = 1.0

SEND_BYTES_PER_S_MIN = 1024
"""Of an answer that waits for its client. Less is a client that keeps the server's memory on purpose, or is gone."""

RESPONSE_S_MAX = 12 * 3600.0
"""For any response, as long as a file may take to arrive (`UPLOAD_S_MAX` in server/http/body.py)."""

GIVES_WAY_AFTER_S = 1.0
"""A connection that waits for a request gives way to another one after this time. Honest clients have sent by then."""

LOOKED_AT_MAX = 64
"""Connections that are asked to make room for one. It bounds what a new connection costs."""

ADDRESSES_KEPT = 1_024
"""Texts of addresses that are not read again when their clients come again."""

SPARE = 64
"""Connections over the limit that are told so. What comes on top is closed without a word."""


class Connection(Protocol):
    """What is looked at."""

    def waiting_bytes(self) -> int:
        """Of its answers, which its client does not take."""

    def taken_bytes(self) -> int:
        """That its client has taken since it was made."""

    def answering(self) -> object | None:
        """The request that is being served, if there is one."""

    def header_is_late(self) -> None:
        """It is to be told so, and closed."""

    def give_way(self) -> None:
        """It is to be closed in favour of another one."""

    def cut(self) -> None:
        """It is to be closed at once, and what is done for it ends."""


class _Answered:
    """What was seen of a connection that is being answered."""

    __slots__ = ("request", "since_s", "stalled_s", "taken")

    def __init__(self) -> None:
        self.request: object | None = None
        self.since_s = 0.0
        self.stalled_s: float | None = None
        self.taken = 0


class Connections:
    """All of one server, in one event loop."""

    def __init__(self, connections_max: int, per_address_max: int, header_s: float, send_s: float) -> None:
        """`per_address_max` of 0 is no bound."""
        self._connections_max = connections_max
        self._per_address_max = per_address_max
        self._header_s = header_s
        self._send_s = send_s
        self._look_s = min(header_s / LOOKS, send_s / LOOKS, LATE_MAX_S)
        self._count = 0
        self._of_address: Counter[str] = Counter()
        self._waiting: dict[Connection, float] = {}
        self._answered: dict[Connection, _Answered] = {}
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, connection: Connection, address: str, now_s: float) -> str:
        """Takes `connection` in. Returns the setting whose bound it is over, if it is to be refused, else nothing."""
        self._count += 1
        if self._per_address_max:
            self._of_address[address] += 1
            if self._of_address[address] > self._per_address_max:
                return "connections_per_address_max"
        if self._count <= self._connections_max or self._make_room(now_s):
            return ""
        if self._count > self._connections_max + SPARE:
            connection.cut()
        return "connections_max"

    def leave(self, connection: Connection, address: str) -> None:
        """`connection` is closed."""
        self._count -= 1
        self._waiting.pop(connection, None)
        self._answered.pop(connection, None)
        if self._per_address_max:
            self._of_address[address] -= 1
            if not self._of_address[address]:
                del self._of_address[address]

    def wait_for_request(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """From now on, unless it is waited for already, the rest of a request has to come in time."""
        if connection not in self._waiting:
            self._waiting[connection] = loop.time()
            self._watch(loop)

    def request_is_there(self, connection: Connection) -> None:
        """It need not be waited for, whatever is answered."""
        self._waiting.pop(connection, None)

    def answer(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """A request of `connection` is being answered: looks at it until all of that is taken."""
        if connection not in self._answered:
            self._answered[connection] = _Answered()
            self._watch(loop)

    def _make_room(self, now_s: float) -> bool:
        """Whether a place was made free by one that has waited for long."""
        for connection, since_s in islice(self._waiting.items(), LOOKED_AT_MAX):
            if now_s - since_s < GIVES_WAY_AFTER_S:
                return False
            if not connection.waiting_bytes():  # else its client still reads an answer
                del self._waiting[connection]
                connection.give_way()
                return True
        return False

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None:
            self._timer = loop.call_later(self._look_s, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now_s = loop.time()
        for connection, since_s in tuple(self._waiting.items()):
            if now_s - since_s < self._header_s:
                break  # they are in the order in which they began to wait
            del self._waiting[connection]
            connection.header_is_late()
        for connection, seen in tuple(self._answered.items()):
            self._look_at(connection, seen, now_s)
        if self._waiting or self._answered:
            self._watch(loop)

    def _look_at(self, connection: Connection, seen: _Answered, now_s: float) -> None:
        request = connection.answering()
        if not connection.waiting_bytes():
            seen.stalled_s = None
            if request is None:
                self._answered.pop(connection, None)
                return
        elif seen.stalled_s is None:
            seen.stalled_s, seen.taken = now_s, connection.taken_bytes()
        elif now_s - seen.stalled_s >= self._send_s:
            if connection.taken_bytes() - seen.taken < SEND_BYTES_PER_S_MIN * (now_s - seen.stalled_s):
                connection.cut()
                return
            seen.stalled_s, seen.taken = now_s, connection.taken_bytes()
        if request is not seen.request:
            seen.request, seen.since_s = request, now_s
        if request is not None and now_s - seen.since_s > RESPONSE_S_MAX:
            connection.cut()


@lru_cache(maxsize=ADDRESSES_KEPT)
def address_of_client(host: str) -> str:
    """What counts as one client: an IPv4 address, or the network of an IPv6 one, of which a client has all."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 4:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
