"""Checks of the machine: Python, processor, data folder, port. They change nothing."""

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import httpx

from inference.errors import SettingsError
from server.doctor.finding import Finding, fine, wrong
from server.http.listening import listen, url_of
from server.settings import Settings

PYTHON_MIN = (3, 11)
DISK_BYTES_MIN = 200_000_000
"""Room for a corpus of some thousand documents; a downloaded model takes its own size besides."""
PORT_S = 2.0
"""Seconds for whoever has the port to say who it is."""
_FLAGS = ("avx2", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp")
"""Instructions that make 8-bit integers fast."""


def python() -> Finding:
    """Whether this Python is new enough."""
    version = platform.python_version()
    if sys.version_info >= PYTHON_MIN:
        return fine("Python", version)
    needed = ".".join(map(str, PYTHON_MIN))
    return wrong("Python", version, f"install Python {needed} or newer and Touchstone into it")


def processor() -> Finding:
    """How many cores, and which instructions the judge's arithmetic may use."""
    cores = os.cpu_count() or 1
    flags = fast_flags(_cpu_info())
    said = f"; {', '.join(flags)}" if flags else ""
    return fine("processor", f"{cores} cores, {platform.machine()}{said}", cores=cores, instructions=flags)


def fast_flags(cpu_info: str) -> list[str]:
    """Of the instructions that Linux lists of a processor, those that matter here."""
    listed = set(cpu_info.split())
    return [flag for flag in _FLAGS if flag in listed]


def _cpu_info() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:  # not Linux
        return ""


def data_folder(folder: Path) -> Finding:
    """Whether the data folder can be written, or made, and how much room there is."""
    name = "data folder"
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        _try_to_write(folder, there)
        free = shutil.disk_usage(there).free
    except OSError as error:
        return wrong(name, f"{folder} cannot be written ({error})", "give another one with --data-dir, or its rights")
    room = f"{free / 1e9:.1f} GB free"
    if free < DISK_BYTES_MIN:
        return wrong(name, f"{folder}, only {room}", "free some room, or give another one with --data-dir")
    note = "" if there == folder else ", made when it is needed"
    return fine(name, f"{folder}, {room}{note}", folder=str(folder), free_bytes=free)


def _try_to_write(folder: Path, there: Path) -> None:
    """Raises OSError if nothing can be written to `folder`, or, where only `there` above it exists, made in that."""
    if there == folder:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"touchstone")
    elif not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(f"nothing can be made in {there}")


def port(settings: Settings) -> Finding:
    """Whether the port is free, or Touchstone has it already."""
    where = f"{settings.host}:{settings.port}"
    try:
        listen(settings).close()
    except SettingsError as error:
        url = url_of(settings.host, settings.port)
        version = _touchstone_at(url)
        if version:
            return fine("port", f"{where} is served by Touchstone {version}", url=url, serving=True)
        return wrong("port", error.message, "choose another --port, or stop what uses this one", serving=False)
    return fine("port", f"{where} is free", serving=False)


def _touchstone_at(url: str) -> str:
    """The version of the Touchstone that answers there; empty if none does."""
    try:
        # The address is our own; a proxy from the environment has no business with it.
        said = httpx.get(f"{url}/health", timeout=PORT_S, trust_env=False)
        body = httpx.get(url, timeout=PORT_S, trust_env=False).json() if said.is_success else {}
    except (httpx.HTTPError, ValueError):
        return ""
    return str(body.get("version", "")) if isinstance(body, dict) and body.get("name") == "touchstone" else ""
