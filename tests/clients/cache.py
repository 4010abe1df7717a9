"""Where the suite keeps what it installs: outside the checkout, one folder for each set of versions."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "CLIENT_TESTS_CACHE"  # names another folder
MARKER = "complete"  # lies in a folder whose installation ran to its end


def installed(name: str, versions: bytes, install: Callable[[Path], None]) -> Path:
    """The folder with this set of versions; `install` fills it the first time."""
    if there := found(name, versions):
        return there
    folder = _folder(name, versions)
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted run left
    folder.mkdir(parents=True)
    install(folder)
    (folder / MARKER).touch()
    return folder


def found(name: str, versions: bytes) -> Path | None:
    """The folder with this set of versions, if it was filled before."""
    folder = _folder(name, versions)
    return folder if (folder / MARKER).exists() else None


def _folder(name: str, versions: bytes) -> Path:
    return _root() / f"{name}-{hashlib.sha256(versions).hexdigest()[:16]}"


def _root() -> Path:
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("touchstone-client-tests", appauthor=False)
