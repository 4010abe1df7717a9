"""A server that stands still for a while, so that what is sent to it meanwhile has come in one piece when it goes on.

Between two calls of this process any time may pass. A server that waits for a client for parts of a second only would
take that for silence, and close the connection before the test has said what it is about.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from harness import RunningServer

from tests.robustness.raw_http import Answer, connection, read_answer
from tests.robustness.waiting import wait_until


@contextlib.contextmanager
def standing_still(server: RunningServer) -> Iterator[None]:
    """It does nothing meanwhile. The system takes connections for it, and up to some 100 kB on each."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: _is_stopped(server.process.pid), "the server stands still")
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def answer_to_at_once(server: RunningServer, sent: bytes) -> Answer:
    """What it answers to bytes that are there as soon as the connection is, until it closes that."""
    with contextlib.ExitStack() as stack:
        with standing_still(server):
            opened = stack.enter_context(connection(server.url))
            opened.sendall(sent)
        return read_answer(opened)


def _is_stopped(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "T"
