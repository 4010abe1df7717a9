"""Which line is asked again, and when."""

import random

from hypothesis import given
from hypothesis import strategies as st

from inference.batches.line import Again, LineAnswer
from inference.batches.working.retry import (
    PATIENCE_S,
    RETRY_AFTER_MAX_S,
    TRIES_MAX,
    WAIT_FIRST_S,
    WAIT_MAX_S,
    Tries,
    wait_s,
)


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chance that has to be repeatable is no secret


SOON, WHEN_UP = LineAnswer(again=Again.SOON), LineAnswer(again=Again.WHEN_UP)


def test_what_would_fail_the_same_is_not_asked_again() -> None:
    assert wait_s(Tries(0.0), LineAnswer(400), 0.0, chance(1)) is None


def test_what_goes_wrong_is_tried_a_few_times_with_a_wait_that_doubles() -> None:
    tries, drawn = Tries(0.0), chance(1)
    waits = [wait_s(tries, SOON, 0.0, drawn) for _ in range(TRIES_MAX)]
    assert waits.pop() is None
    for number, wait in enumerate(waits):
        longest = WAIT_FIRST_S * 2**number
        assert wait is not None
        assert longest / 2 <= wait <= longest


def test_an_engine_that_is_away_uses_up_no_tries() -> None:
    tries, drawn = Tries(0.0), chance(1)
    assert all(wait_s(tries, WHEN_UP, 60.0, drawn) is not None for _ in range(20 * TRIES_MAX))
    assert wait_s(tries, SOON, 60.0, drawn) is not None
    assert wait_s(tries, WHEN_UP, PATIENCE_S + 1, drawn) is None


@given(st.integers(0, 2**32), st.floats(0, 10_000), st.integers(0, 40))
def test_a_wait_is_no_shorter_than_asked_for_and_bounded(seed: int, asked_s: float, away: int) -> None:
    answer = LineAnswer(again=Again.WHEN_UP, retry_after_s=asked_s)
    wait = wait_s(Tries(0.0, was_away=away), answer, 0.0, chance(seed))
    assert wait is not None
    assert min(asked_s, RETRY_AFTER_MAX_S) <= wait <= max(WAIT_MAX_S, RETRY_AFTER_MAX_S)


def test_lines_that_failed_together_do_not_come_back_together() -> None:
    drawn = chance(1)
    assert len({wait_s(Tries(0.0), SOON, 0.0, drawn) for _ in range(100)}) > 90
