"""A program that uses a client library, run in a process of its own with the library's Python."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.clients.serving import clean_environment

TIMEOUT_S = 300.0  # the larger libraries take twenty seconds to import, and machines are busy
WORDS_TIMEOUT_S = 120.0

# Nothing of the libraries calls out: no telemetry, no price lists, no tokenizers from a hub.
QUIET = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "HF_HUB_OFFLINE": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OTEL_SDK_DISABLED": "true",
    "PYTHONIOENCODING": "utf-8",
}


class RunningProgram:
    """The program while it runs, and what it has printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._said: list[str] = []
        self._ended = False
        self._heard = threading.Condition()
        self._errors: list[str] = []
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def so_far(self) -> str:
        """What it has printed until now."""
        with self._heard:
            return "".join(self._said)

    def wait_for(self, words: str) -> None:
        """Returns when the program has printed `words`."""
        with self._heard:
            self._heard.wait_for(lambda: self._ended or words in "".join(self._said), WORDS_TIMEOUT_S)
        assert words in self.so_far(), f"{words!r} was not printed:\n{self.so_far()}\n{''.join(self._errors)}"

    def output(self) -> str:
        """All that it printed, when it has ended well."""
        status = self._process.wait(TIMEOUT_S)
        for reader in self._readers:
            reader.join(TIMEOUT_S)
        assert status == 0, self.so_far() + "".join(self._errors)
        return self.so_far()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while letter := self._process.stdout.read(1):
            with self._heard:
                self._said.append(letter)
                self._heard.notify_all()
        with self._heard:
            self._ended = True
            self._heard.notify_all()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)


@dataclass(frozen=True)
class Program:
    """A command, to be run in `folder`, which is the program's home too: libraries leave files there."""

    command: list[str]
    folder: Path

    def output(self, stdin: str = "") -> str:
        """Runs it to its end, and gives what it printed."""
        with self.started(stdin) as running:
            return running.output()

    @contextmanager
    def started(self, stdin: str = "") -> Iterator[RunningProgram]:
        """Starts it, and ends it at the latest when left."""
        process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=clean_environment(HOME=str(self.folder), **QUIET),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert process.stdin is not None
        with process:
            try:
                process.stdin.write(stdin)
                process.stdin.close()
                yield RunningProgram(process)
            finally:
                process.kill()
