"""Which program is vLLM: the one that the settings name, or the one that was installed beside us."""

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from inference.errors import SettingsError

INSTALL = (
    "install it with: pip install 'touchstone[vllm]' (into the environment of Touchstone), "
    "or name another one's with --vllm, such as --vllm '/opt/vllm/bin/vllm serve'. "
    "A server that runs already is used with --engine-url"
)


def vllm_program(setting: str, python: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command that `vllm serve` is, as words. `python` is the path of our own interpreter.

    Raises SettingsError if there is none, saying how to get it.
    """
    path = environment.get("PATH")
    if setting.strip():
        return _named(setting, path)
    beside = Path(python).with_name("vllm")
    found = str(beside) if beside.is_file() else shutil.which("vllm", path=path)
    if found is None:
        raise SettingsError(f"setting model needs vLLM, which is not installed: {INSTALL}")
    return (found, "serve")


def _named(setting: str, path: str | None) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(setting))
    except ValueError as error:
        raise SettingsError(f"setting vllm = {setting!r}: {error}") from None
    program = shutil.which(str(Path(words[0]).expanduser()), path=path) if words else None
    if program is None:
        raise SettingsError(f"setting vllm = {setting!r}: there is no such program; {INSTALL}")
    # `/opt/vllm/bin/vllm` alone can only mean its `serve`.
    rest = words[1:] or (("serve",) if Path(program).name == "vllm" else ())
    return (program, *rest)
