"""How fast lines are done, and how long the rest takes. Pure: the time is an argument."""

from collections import deque

WINDOW_S = 30.0
"""Over which the rate is taken: long enough to be steady, short enough to follow a change."""

SAMPLES_MAX = 600


class Meter:
    """Counts lines over time."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES_MAX)

    def tell(self, now_s: float, done: int) -> None:
        """`done` lines are done now."""
        self._samples.append((now_s, done))
        while len(self._samples) > 2 and now_s - self._samples[1][0] >= WINDOW_S:
            self._samples.popleft()

    @property
    def lines_per_s(self) -> float | None:
        """None before anything can be said."""
        if len(self._samples) < 2:
            return None
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        return (last - first) / (last_s - first_s) if last > first and last_s > first_s else None

    def left_s(self, total: int) -> float | None:
        """Seconds until `total` lines are done, at this rate."""
        rate = self.lines_per_s
        return None if rate is None else max(0, total - self._samples[-1][1]) / rate


def clock_text(seconds: float | None) -> str:
    """As a clock shows it: 1:05, or 2:01:05."""
    if seconds is None:
        return "-:--"
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
