"""Runs `touchstone` as a person does, with nothing of this process's settings: as a process, or inside this one."""

import os
import subprocess
import sys
from pathlib import Path

from click.testing import Result
from fork_server import run_forked
from harness import REPOSITORY
from typer.testing import CliRunner

from server.cli import app

COMMAND = [sys.executable, "-m", "server.cli"]
TIMEOUT_S = 120


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """The environment without settings of ours, but for the data folder and `variables`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    return clean | {"TOUCHSTONE_DATA_DIR": str(data_dir), "TOUCHSTONE_WEB_SEARCH": "false"} | variables


def touchstone(
    data_dir: Path, *arguments: str, file_kib_max: int | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs `touchstone` to its end. `file_kib_max` is the size over which it can write no file, as on a full disk."""
    if file_kib_max is None:
        return run_forked(arguments, env=environment(data_dir, **variables), timeout=TIMEOUT_S)
    command = ["bash", "-c", f'ulimit -f {file_kib_max}; exec "$@"', "bash", *COMMAND, *arguments]
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment(data_dir, **variables),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def touchstone_here(data_dir: Path, *arguments: str) -> Result:
    """The same inside this process, which spares a second for each run."""
    unset = {name: None for name in os.environ if name.startswith("TOUCHSTONE_")}
    return CliRunner().invoke(app, list(arguments), env=unset | {"TOUCHSTONE_DATA_DIR": str(data_dir)})
