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
        """FILE.results.jsonl and FILE.errors.jsonl, or `output` and a name like it. Raises BadInput."""
        if output is None:
            places = cls(file.with_name(file.name + RESULTS), file.with_name(file.name + ERRORS))
        else:
            places = cls(output, output.with_name(output.stem + ERRORS))
        folder = places.results.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise BadInput(f"{folder}: nothing can be written there; name another place with --output", "output")
        return places


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
