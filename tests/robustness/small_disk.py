"""A disk with little room, for tests of what happens when there is none left."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(tmp_path: Path, kib: int, *unmounting: str) -> Iterator[Path]:
    """A disk of so many KiB below `tmp_path`. Skips where none may be mounted. `unmounting` are flags for the end."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root may mount a small disk; the tests with a limit on file sizes run everywhere")
    yield folder
    subprocess.run(["umount", *unmounting, str(folder)], check=True)


def data_folder_on(disk: Path, tmp_path: Path) -> Path:
    """A data folder on `disk`, under a name beside which the server may keep its log."""
    (disk / "data").mkdir()
    link = tmp_path / "data"
    link.symlink_to(disk / "data")
    return link
