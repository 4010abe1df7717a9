"""A real `touchstone serve` on a free port, for tests that talk to it from outside.

Nothing of it is shared with the user's own server: the data folder is the test's, and settings in the environment do
not reach it. No web search: what a test sees must not depend on the network.
"""

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 30.0

_STARTED = re.compile(r" started url=(\S+)")


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without settings of ours and without proxies, which have no business with a local server."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TOUCHSTONE_") and not name.lower().endswith("_proxy")
    }
    return kept | extra


def server_environment(data_dir: Path, **extra: str) -> dict[str, str]:
    """The environment in which a command of ours runs in a test."""
    return clean_environment(TOUCHSTONE_DATA_DIR=str(data_dir), TOUCHSTONE_WEB_SEARCH="false", **extra)


@contextlib.contextmanager
def serving(data_dir: Path, *flags: str, keys: str = "", command: str = TOUCHSTONE) -> Iterator[str]:
    """Runs the server until left. Gives its address, without a slash at the end."""
    environment = server_environment(data_dir, TOUCHSTONE_PORT="0", **({"TOUCHSTONE_API_KEYS": keys} if keys else {}))
    with running([command, "serve", *flags], environment) as url:
        yield url


@contextlib.contextmanager
def running(command: list[str], environment: Mapping[str, str], cwd: Path | None = None) -> Iterator[str]:
    """Runs a command that logs `started url=...`, and stops it at the end. Gives that address."""
    process = subprocess.Popen(
        command, env=dict(environment), cwd=cwd, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    too_late = threading.Timer(START_TIMEOUT_S, process.kill)
    too_late.start()
    log: list[str] = []
    reader = threading.Thread(target=log.extend, args=(process.stderr,), daemon=True)
    try:
        url = next((found[1] for line in process.stderr if (found := _STARTED.search(_kept(line, log)))), None)
        too_late.cancel()
        if url is None:
            raise AssertionError(f"{command} did not start:\n{''.join(log)}")
        # Somebody has to read the log, or the server stops when the pipe is full.
        reader.start()
        yield url
    finally:
        too_late.cancel()
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if reader.is_alive():
            reader.join(STOP_TIMEOUT_S)
        process.stderr.close()


def _kept(line: str, log: list[str]) -> str:
    log.append(line)
    return line
