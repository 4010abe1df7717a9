"""How long a service that refused is left in peace."""

from inference.evidence.cool_down import CoolDown


class Clock:
    """A clock that a test moves."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_nothing_needs_to_be_waited_for_at_first() -> None:
    assert CoolDown(10, 40, Clock()).remaining_s() == 0


def test_a_refusal_starts_a_wait_that_runs_out() -> None:
    clock = Clock()
    cool_down = CoolDown(10, 40, clock)
    cool_down.refused()
    clock.now_s += 4
    assert cool_down.remaining_s() == 6
    clock.now_s += 6
    assert cool_down.remaining_s() == 0


def test_each_further_refusal_doubles_the_wait_up_to_a_bound() -> None:
    clock = Clock()
    cool_down = CoolDown(10, 35, clock)
    waits = []
    for _ in range(4):
        cool_down.refused()
        waits.append(cool_down.remaining_s())
        clock.now_s += waits[-1]
    assert waits == [10, 20, 35, 35]


def test_refusals_that_come_together_count_once() -> None:
    clock = Clock()
    cool_down = CoolDown(10, 40, clock)
    cool_down.refused()
    cool_down.refused()
    clock.now_s += 10
    cool_down.refused()
    assert cool_down.remaining_s() == 20


def test_an_answer_makes_the_next_wait_short_again() -> None:
    clock = Clock()
    cool_down = CoolDown(10, 40, clock)
    cool_down.refused()
    clock.now_s += 10
    cool_down.answered()
    cool_down.refused()
    assert cool_down.remaining_s() == 10
