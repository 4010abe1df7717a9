"""What happens as often as a client likes is logged a few times, and then counted. On a clock of the test's own."""

from collections.abc import Callable

import pytest
from harness import RunningServer

from server.observe.few_lines import LINES_MAX, WINDOW_S, FewLines
from tests.robustness.raw_http import connection
from tests.robustness.waiting import wait_until


class Clock:
    """As much of an event loop as is needed, whose time the test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.due: list[tuple[float, Callable[[], object]]] = []

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay: float, callback: Callable[[], object], /) -> None:
        self.due.append((self.now_s + delay, callback))

    def advance(self, seconds: float) -> None:
        self.now_s += seconds
        for call in [call for call in self.due if call[0] <= self.now_s]:
            self.due.remove(call)
            call[1]()


@pytest.fixture
def told() -> list[dict[str, int]]:
    return []


def test_the_first_are_told_one_by_one_and_the_rest_as_their_number(told: list[dict[str, int]]) -> None:
    clock, lines = Clock(), FewLines(told.append)
    for _ in range(1_000):
        lines.happened(clock)
    assert told == [{}] * LINES_MAX
    clock.advance(WINDOW_S)
    assert told[LINES_MAX:] == [{"more": 1_000 - LINES_MAX}]
    clock.advance(10 * WINDOW_S)
    assert len(told) == LINES_MAX + 1


def test_few_are_all_told_and_nothing_is_said_afterwards(told: list[dict[str, int]]) -> None:
    clock, lines = Clock(), FewLines(told.append)
    for _ in range(10):
        for _ in range(LINES_MAX):
            lines.happened(clock)
        clock.advance(WINDOW_S)
    assert told == [{}] * LINES_MAX * 10


def test_what_goes_on_for_long_is_a_few_lines_a_minute_and_none_is_missing(told: list[dict[str, int]]) -> None:
    clock, lines = Clock(), FewLines(told.append)
    minutes, a_second = 10, 7
    for _ in range(minutes * 60):
        for _ in range(a_second):
            lines.happened(clock)
        clock.advance(1.0)
    clock.advance(WINDOW_S)
    assert len(told) <= (LINES_MAX + 1) * (minutes + 1)
    assert sum(about.get("more", 1) for about in told) == minutes * 60 * a_second


def test_what_happens_while_the_rest_is_told_late_is_counted_with_it(told: list[dict[str, int]]) -> None:
    clock, lines = Clock(), FewLines(told.append)
    for _ in range(LINES_MAX + 1):
        lines.happened(clock)
    clock.now_s += 2 * WINDOW_S  # the timer is late, as it is where a machine slept
    lines.happened(clock)
    clock.advance(0)
    assert told[LINES_MAX:] == [{"more": 2}]


def test_a_client_that_sends_junk_again_and_again_gets_a_few_lines_of_the_log(running_server: RunningServer) -> None:
    for _ in range(LINES_MAX * 4):
        with connection(running_server.url) as opened:
            opened.sendall(b"\x16\x03\x01 no HTTP at all\r\n\r\n" * 20)
            while opened.recv(65_536):
                pass
    wait_until(lambda: "not_http" in running_server.log(), "a line of the log")
    assert 1 <= running_server.log().count("not_http") <= 2 * LINES_MAX + 1  # the minute may end in between
    assert "Invalid HTTP" not in running_server.log()
