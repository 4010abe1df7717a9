"""Which files this process has open, and a way to see it before the garbage collector tidies up. Linux only."""

import contextlib
import gc
import os
from collections.abc import Iterator
from pathlib import Path


def open_files(folder: Path) -> list[str]:
    """The files below `folder` that are open."""
    found = []
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # that of the listing itself
            path = os.readlink(f"/proc/self/fd/{descriptor}")
            if Path(path).is_relative_to(folder):
                found.append(path)
    return found


@contextlib.contextmanager
def no_garbage_collector() -> Iterator[None]:
    """Nothing is closed by it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
