"""How a command that works for long is told to stop: Ctrl-C, and the system's wish that it ends."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator

SIGNALS = (signal.SIGINT,) if sys.platform == "win32" else (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def told_to_stop() -> Iterator[asyncio.Event]:
    """Is set by the first of them, which then is a stop in order. A second Ctrl-C ends the process at once, which loses
    no more than what was answered in the last second. For the main thread, in the running loop."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop.call_soon_threadsafe(told.set)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
