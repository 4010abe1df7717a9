"""Memory that loading a model has left behind goes back to the system."""

import platform
import subprocess
import sys

import pytest
from harness import REPOSITORY

pytestmark = pytest.mark.process

HELD_AND_FREED = """
from pathlib import Path
from inference.freed_memory import give_back_freed_memory

def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

pieces = [bytearray(2_000) for _ in range(50_000)]  # too small for the allocator to hand each back by itself
last = bytearray(2_000)  # lies behind them, so that it cannot hand them back as a whole
del pieces
before = resident_bytes()
print(give_back_freed_memory(), before - resident_bytes())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what was freed")
def test_what_was_freed_goes_back_to_the_system() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", HELD_AND_FREED], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    given, freed_bytes = ran.stdout.split()
    assert given == "True"
    assert int(freed_bytes) > 50_000_000
