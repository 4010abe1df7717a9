"""A blob's file that is read in threads, by somebody who may leave at any time.

Whoever waits for a thread can be cancelled, the thread cannot. So the file is nobody's who waits: it belongs to the
object here, and is closed by whoever is the last to have it, be it a thread that finds that nobody waits any more.
"""

import threading
from pathlib import Path
from typing import BinaryIO


class OpenBlob:
    """The file at `path`, from byte `start` on. It is opened by the first `read`."""

    def __init__(self, path: Path, start: int) -> None:
        self._path = path
        self._start = start
        self._file: BinaryIO | None = None
        self._state = threading.Lock()  # held for an instant, never while the disk is asked
        self._is_read = False
        self._is_closed = False

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end, and none once it is closed. Blocks. Raises OSError."""
        with self._state:
            if self._is_closed:
                return b""
            self._is_read = True
        try:
            if self._file is None:
                self._file = self._path.open("rb", buffering=0)
                self._file.seek(self._start)
            return self._file.read(size)
        finally:
            with self._state:
                self._is_read = False
                if self._is_closed:
                    self._close()

    def close(self) -> None:
        """Closes the file, or has the thread that reads it now do so. Does not wait for that."""
        with self._state:
            self._is_closed = True
            if not self._is_read:
                self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
