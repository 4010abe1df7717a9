"""Writes the results of a batch beside its input, whole or not at all, and counts them on the way."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from inference.errors import BadInput
from server.cli.batch.tally import Tally
from server.storage import Storage
from tools.batch_results import Cursor

RESULTS, ERRORS = ".results.jsonl", ".errors.jsonl"


@dataclass(frozen=True, slots=True)
class Places:
    """Where results go: what was answered, and what was not."""

    results: Path
    errors: Path

    @classmethod
    def beside(cls, file: Path, output: Path | None) -> "Places":
        """FILE.results.jsonl and FILE.errors.jsonl, or `output` and a name like it. Raises BadInput, also where `file`
        itself, whose results these are, would be written over."""
        if output is not None:
            places = cls.at(output)
        else:
            places = cls(file.with_name(file.name + RESULTS), file.with_name(file.name + ERRORS))
            places._check()
        for place in (places.results, places.errors):
            if place.exists() and file.exists() and place.samefile(file):
                raise BadInput(f"{place} is the file to read; name another place with --output", "output")
        return places

    @classmethod
    def at(cls, output: Path) -> "Places":
        """`output`, and a name like it. Raises BadInput."""
        if not output.name:
            raise BadInput(f"{output} is a folder; name a file with --output", "output")
        places = cls(output, output.with_name(output.stem + ERRORS))
        places._check()
        return places

    def _check(self) -> None:
        """Raises BadInput if nothing can be written there, or what is there is no file: results take its place, and
        that of a folder or a device, such as /dev/stdout, is not theirs."""
        folder = self.results.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise BadInput(f"{folder}: nothing can be written there; name another place with --output", "output")
        for place in (self.results, self.errors):
            if place.exists() and not place.is_file():
                what = "a folder" if place.is_dir() else "no plain file"
                raise BadInput(f"{place} is {what}; name a file with --output", "output")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written, and what it says in sum. `errors` is None if no line failed."""

    results: Path
    errors: Path | None
    tally: Tally


async def write_outcome(storage: Storage, owner: str, batch_id: str, places: Places) -> Outcome:
    """Writes the results of a batch that has ended.

    Raises NotFound if its files were deleted, BadInput if nothing can be written, StoreUnavailable, BlobsUnavailable.
    """
    tally, cursor = Tally(), Cursor()
    try:
        with _becoming(places.results) as results, _becoming(places.errors) as errors:
            while True:
                page = await storage.batch_results.page(owner, batch_id, cursor)
                for line in page.lines:
                    tally.add(line)
                    (errors if line.failed else results).write(line.text + b"\n")
                    cursor = line.after
                if not page.has_more:
                    break
        if not tally.failed:
            places.errors.unlink()  # an empty one, or that of an earlier run: it would tell of failures that are none
    except OSError as error:
        raise BadInput(
            f"the results could not be written ({error.strerror}): touchstone batch results {batch_id} prints them",
            "FILE",
        ) from error
    return Outcome(places.results, places.errors if tally.failed else None, tally)


@contextlib.contextmanager
def _becoming(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when it is whole; if not, nothing is left of it. Raises OSError."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o666 & ~_umask())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
