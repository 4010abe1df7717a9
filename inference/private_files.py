"""Files and folders that other users of the machine cannot look into, where the system knows of such modes.

What is there already keeps its mode: it is its owner's to say who else may look.
"""

import contextlib
import os
import threading
from pathlib import Path
from typing import BinaryIO

_FILE = 0o600
_FOLDER = 0o700

_ONE_AT_A_TIME = threading.Lock()


def make_private_folder(folder: Path) -> None:
    """Makes `folder` if it is not there, and what is above it with the system's own modes. Raises OSError."""
    folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)


def create_private_file(path: Path) -> BinaryIO:
    """A new file to write to, without a buffer. Raises OSError, also if there is one already."""
    return open(path, "xb", buffering=0, opener=_as_private)


def prepare_private_file(path: Path) -> None:
    """Makes an empty file for a library that gives no mode to what it creates, such as SQLite; what SQLite puts beside
    it gets the same mode. Leaves one that is there alone, and any failure for the library to tell of.

    A process that closes a file loses its locks on it, those of SQLite's connections too. So only a new file is opened
    here, and by one thread at a time: whoever opens the database afterwards comes when it is closed again.
    """
    with _ONE_AT_A_TIME, contextlib.suppress(OSError):
        create_private_file(path).close()


def _as_private(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE)
