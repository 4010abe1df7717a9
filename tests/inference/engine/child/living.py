"""Looking at processes, for tests of how they end."""

import os
import sys
from pathlib import Path

from tests.robustness.waiting import wait_until

STAND_IN = Path(__file__).with_name("stand_in_vllm.py")
PROGRAM = (sys.executable, str(STAND_IN))
COMMAND = f"{sys.executable} {STAND_IN}"
"""The same as a setting."""


def is_alive(pid: int) -> bool:
    """Whether the process runs. One that has ended and was not yet waited for by its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return stat.parent.parent.is_dir() is False  # no /proc: the signal has said it


def wait_until_gone(*pids: int) -> None:
    wait_until(lambda: not any(map(is_alive, pids)), f"processes {pids} end")
