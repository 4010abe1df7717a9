"""A blob that is being written, as a file that has not got its name yet.

It is written in threads, by somebody who may be cancelled meanwhile. A thread cannot be: it finds out before it begins
something, so that what was given up neither stays open nor gets a name afterwards.
"""

import os
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from inference.private_files import create_private_file, make_private_folder

MOVE_TRIES_MAX = 5
"""Of giving a blob its name, while others clean up around it."""


class GivenUp(Exception):
    """Nobody wants the blob any more. Only a thread for which nobody waits meets this."""


class UnfinishedBlob:
    """A file of a name of its own in `folder`, which is made by the first `append`. What blocks raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / secrets.token_hex(16)
        self._file: BinaryIO | None = None
        self._work = threading.Lock()  # held while the disk is asked
        self._is_given_up = False

    def append(self, chunks: Sequence[bytes]) -> None:
        """Writes `chunks`. Blocks. Raises GivenUp."""
        with self._work:
            self._go_on()
            if self._file is None:
                make_private_folder(self._path.parent)
                self._file = create_private_file(self._path)
            self._file.writelines(chunks)

    def become(self, path: Path) -> None:
        """Gives it its name, after which it outlives a power failure. Blocks. Raises GivenUp."""
        with self._work:
            assert self._file is not None, "something was appended, be it nothing"  # noqa: S101
            os.fsync(self._file.fileno())
            self._file.close()
            self._go_on()
            self._move_to(path)
            _sync_folder(path.parent)

    def give_up(self) -> None:
        """Keeps threads from beginning anything more. If one has been sent here, `discard` is to follow."""
        self._is_given_up = True

    def discard(self) -> None:
        """Removes what there is of it, once no thread works on it. Blocks."""
        self._is_given_up = True
        with self._work:
            if self._file is not None:
                self._file.close()
                self._path.unlink(missing_ok=True)

    def _go_on(self) -> None:
        if self._is_given_up:
            raise GivenUp

    def _move_to(self, path: Path) -> None:
        for tries_left in reversed(range(MOVE_TRIES_MAX)):
            try:
                make_private_folder(path.parent)
                self._path.replace(path)
            except FileNotFoundError:  # the last other blob in the folder was deleted meanwhile, and the folder with it
                if not tries_left:
                    raise
            else:
                return


def _sync_folder(folder: Path) -> None:
    """So that the new name outlives a power failure. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
