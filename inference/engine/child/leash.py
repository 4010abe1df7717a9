"""Runs a program and ends it, and all that it started, when the one who holds the leash lets go.

The leash is standard input: when its other end closes, be it that the holder closed it or died of kill -9, the
program's process group gets SIGTERM, and SIGKILL a while later. When the program ends by itself, the rest of its group
is killed, and the leash ends with its exit code (128 and the signal's number if a signal ended it).

A script by itself, started as `python -I leash.py SECONDS PROGRAM...`: standard library only, nothing of the project,
so that it starts at once. The first line that it writes is the id of the program's process group; then the output is
the program's.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

NOT_STARTED = 127


def main(grace_s: float, command: list[str]) -> int:
    """Runs `command`; see above. Between SIGTERM and SIGKILL lie `grace_s` seconds."""
    try:
        # A group of its own: a Ctrl-C at the terminal is for the holder, who then lets go.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603  # the operator's
    except OSError as error:
        print(f"0\n{command[0]} cannot be started: {error}", flush=True)
        return NOT_STARTED
    os.write(1, f"{child.pid}\n".encode())
    # Service managers send it to every process; the leash has to outlive the program.
    signal.signal(signal.SIGTERM, lambda *_: _signal(child.pid, signal.SIGTERM))
    threading.Thread(target=_end_when_let_go, args=(child, grace_s), daemon=True).start()
    code = child.wait()
    _signal(child.pid, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _end_when_let_go(child: "subprocess.Popen[bytes]", grace_s: float) -> None:
    while os.read(0, 4096):
        pass
    _signal(child.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(grace_s)
    _signal(child.pid, signal.SIGKILL)


def _signal(group: int, sent: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS, of a group that is ending
        os.killpg(group, sent)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    # Not sys.exit: it would wait for the thread's read.
    os._exit(main(float(sys.argv[1]), sys.argv[2:]))
