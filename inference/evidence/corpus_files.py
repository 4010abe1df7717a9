"""Which files a person means who adds files and folders to a corpus: folders are walked, the rest is explained.

It follows no links inside a folder, so that a walk ends and stays where it was sent.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from inference.evidence.file_text import MEDIA_TYPES, known_type

WALK_ENTRIES_MAX = 50_000
"""Files and folders looked at in one call. Somebody who adds a home folder by mistake hears so within seconds."""

_UNKNOWN_TYPE = f"files of this type are not read, only {' '.join(MEDIA_TYPES)}"


class FoundFile(NamedTuple):
    """A file to add; or, with a reason, something in a folder that is passed over; or, with a problem, a failure."""

    path: Path
    left_out: str = ""
    problem: str = ""


def find_files(paths: Iterable[Path]) -> Iterator[FoundFile]:
    """Every file under `paths`, folders in the order of their names. Blocks, but only a little for each item."""
    for looked_at, found in enumerate(_walk(paths)):
        if looked_at == WALK_ENTRIES_MAX:
            yield FoundFile(found.path, problem=f"more than {WALK_ENTRIES_MAX:,} files; from here on none was added")
            return
        yield found


def _walk(paths: Iterable[Path]) -> Iterator[FoundFile]:
    for given in paths:
        path = Path(os.path.realpath(given))
        if os.path.isdir(path):
            yield from _walk_folder(path)
        elif not os.path.exists(path):
            yield FoundFile(path, problem="there is no such file")
        else:
            yield FoundFile(path, problem="" if known_type(path) else _UNKNOWN_TYPE)


def _walk_folder(folder: Path) -> Iterator[FoundFile]:
    ahead = [folder]  # A stack and no recursion, since folders can be nested deeper than calls.
    while ahead:
        path = ahead.pop()
        if path != folder and (reason := _why_left_out(path)):
            yield FoundFile(path, left_out=reason)
        elif not os.path.isdir(path):
            yield FoundFile(path)
        else:
            try:
                ahead.extend(sorted(path.iterdir(), reverse=True))
            except OSError as error:
                yield FoundFile(path, problem=f"the folder could not be read ({error.strerror})")


def _why_left_out(path: Path) -> str:
    # The functions of os.path are used here because those of Path raise where a folder may not be looked into.
    if path.name.startswith("."):
        return "hidden"
    if os.path.islink(path):
        return "a link; add what it points to if you want it"
    return "" if os.path.isdir(path) or known_type(path) else _UNKNOWN_TYPE
