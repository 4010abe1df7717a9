"""How long to wait before a child that ended is started again. Pure."""

FIRST_S = 1.0
LONGEST_S = 60.0
"""Long enough that a model that cannot start costs little, short enough that one that can again is soon there."""

STEADY_S = 300.0
"""Up for so long, a child counts as sound: the next wait is the first again."""


def wait_s(failures: int) -> float:
    """Seconds to wait after the `failures`-th failure in a row, counted from 1: 1, 2, 4 and so on, 60 at the most."""
    return float(min(FIRST_S * 2.0 ** min(max(failures, 1) - 1, 16), LONGEST_S))


def failures_after(failures: int, up_s: float) -> int:
    """How many failures in a row there are once a child that was up for `up_s` seconds (0 = never) has ended."""
    return 1 if up_s >= STEADY_S else failures + 1
