"""Waiting for what another process does: polls, with a limit, and says what it waited for."""

import time
from collections.abc import Callable

LIMIT_S = 60.0
POLL_S = 0.02


def wait_until(holds: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    """Returns once `holds` is true. Fails the test after `limit_s`."""
    deadline = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit_s:g} s in vain: {what}")
        time.sleep(POLL_S)
