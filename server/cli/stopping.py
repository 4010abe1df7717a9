"""How a command that works for long is told to stop: Ctrl-C, and the system's wish that it ends."""

import asyncio
import signal
import sys


def told_to_stop() -> asyncio.Event:
    """Is set by the first of them, which then is a stop in order. A second Ctrl-C ends the process at once, which loses
    no more than what was answered in the last second. Called once, in the running loop."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop.call_soon_threadsafe(told.set)

    signal.signal(signal.SIGINT, stop)
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, stop)
    return told
