"""Which worker this is, and which others on this machine are dead.

A worker holds a lock on a file of its own as long as it lives; the system lets go of it however the worker ends. So
those who share the folder know at once who is dead, and need not wait for its leases to run out. Of workers on other
machines there is no file here.
"""

import contextlib
import secrets
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from inference.private_files import make_private_folder

_SUFFIX = ".lock"


class Holder:
    """A name for this worker, alive from `open` to `close`."""

    def __init__(self, folder: Path) -> None:
        self.name = secrets.token_hex(8)
        self._folder = folder
        self._lock = self._lock_of(self.name)

    def open(self) -> None:
        """Takes the lock. Raises OSError."""
        make_private_folder(self._folder)
        self._lock.acquire(timeout=0)

    def close(self) -> None:
        """Lets go of it. The file stays, so that others know whose leases these were, until they tidy up."""
        self._lock.release()

    def dead(self) -> Sequence[str]:
        """Those who have lived on this machine and do no longer. Raises OSError."""
        return [name for name in self._names() if name != self.name and self._is_dead(name)]

    def forget(self, names: Sequence[str]) -> None:
        """Takes the files of dead workers away: nothing is leased to them any more. Raises OSError."""
        for name in names:
            self._file(name).unlink(missing_ok=True)

    def _names(self) -> Sequence[str]:
        return [path.stem for path in self._folder.glob(f"*{_SUFFIX}")]

    def _is_dead(self, name: str) -> bool:
        lock = self._lock_of(name)
        with contextlib.suppress(Timeout):
            lock.acquire(timeout=0)
            lock.release()
            return True
        return False

    def _lock_of(self, name: str) -> FileLock:
        return FileLock(self._file(name), is_singleton=False)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"
