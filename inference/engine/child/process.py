"""A program on the leash: started, heard, waited for, stopped. What it writes goes line by line to whoever listens.

It ends when we do, whatever ends us: see `leash.py`.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.engine.child.log_lines import LineSplitter, LogLine
from inference.errors import EngineUnavailable

LINES_KEPT = 400
"""Of the last lines: enough to hold the tracebacks of all of vLLM's processes."""

STOP_S = 8.0
"""Between SIGTERM and SIGKILL. vLLM takes about one second; service managers kill after ten at the least."""

SLACK_S = 5.0
"""What the leash itself may take beyond that, and the end of a program's output after the program's."""

READ_BYTES = 64 * 1024

_LEASH = Path(__file__).with_name("leash.py")

Listener = Callable[[LogLine], None]


class ChildProcess:
    """A running program. Made by `start`; `stop` or `wait` has to be awaited at the end."""

    def __init__(self, process: asyncio.subprocess.Process, output: "_Output", listener: Listener) -> None:
        self.group = 0
        """The id of its process group, which is that of its first process; 0 until the leash has told it, and if the
        program could not be started."""
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._process = process
        self._output = output
        self._listener = listener
        self._gone = False
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls, command: Sequence[str], environment: Mapping[str, str], listener: Listener, *, stop_s: float = STOP_S
    ) -> "ChildProcess":
        """Starts `command`. Raises EngineUnavailable if the system cannot start even the leash."""
        output, end = await _Output.open()
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(_LEASH), str(stop_s), *command),
                stdin=asyncio.subprocess.PIPE,
                stdout=end,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,  # signals of the terminal are for us
            )
        except BaseException as error:
            output.transport.close()
            if isinstance(error, OSError):
                raise EngineUnavailable(f"a process cannot be started ({error})") from error
            raise
        finally:
            os.close(end)
        return cls(process, output, listener)

    async def wait(self) -> int:
        """Returns the exit code once it has ended: 128 and the signal's number if a signal ended it."""
        code = await self._process.wait()
        self._kill_group()  # the leash did so already, unless somebody killed the leash
        self._gone = True
        await asyncio.wait({self._reading}, timeout=SLACK_S)
        self._reading.cancel()
        self._output.transport.close()
        return code if code >= 0 else 128 - code

    async def ended_within(self, seconds: float) -> bool:
        """Whether it ends within so many seconds; returns as soon as it does."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), seconds)
        return self._process.returncode is not None

    async def stop(self, *, stop_s: float = STOP_S) -> int:
        """Ends it, in order if it lets itself be, and all that it started. Returns its exit code."""
        stdin = self._process.stdin
        if stdin is not None:
            stdin.close()
        try:
            return await asyncio.wait_for(self.wait(), stop_s + SLACK_S)
        except TimeoutError:
            self._kill_group()
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            return await self.wait()

    def _kill_group(self) -> None:
        if self.group and not self._gone:  # once gone, its number may be somebody else's
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.group, signal.SIGKILL)

    async def _read(self) -> None:
        told = (await self._output.reader.readline()).strip()
        self.group = int(told) if told.isdigit() else 0
        splitter = LineSplitter()
        while data := await self._output.reader.read(READ_BYTES):
            self._hear(splitter.feed(data))
        self._hear(splitter.end())

    def _hear(self, lines: Sequence[LogLine]) -> None:
        for line in lines:
            if not line.passing:
                self.lines.append(line.text)
            self._listener(line)


@dataclass(frozen=True, slots=True)
class _Output:
    """Our end of the pipe that the program writes to. One of our own: asyncio's would make the end of the process wait
    for the end of its output, which whatever it left behind can hold open."""

    reader: asyncio.StreamReader
    transport: asyncio.ReadTransport

    @classmethod
    async def open(cls) -> "tuple[_Output, int]":
        """Also gives the file descriptor of the other end, for the caller to close."""
        ours, theirs = os.pipe()
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours, "rb", buffering=0)
        )
        return cls(reader, transport), theirs
