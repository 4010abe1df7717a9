"""What a run is made of: the file that a person names, and what is to be done with its lines."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import orjson

from inference.batches.batch import Endpoint
from inference.batches.input.other_file import BYTES_LOOKED_AT, other_file
from inference.errors import BadInput
from server.cli.batch.rows import is_table, rows_as_lines
from server.settings import Settings

CHUNK_BYTES = 1024 * 1024
LINES_A_CHUNK = 1_000

_JUDGED_BY = ("cpu_judge", "judge_model", "judge_profile", "web_search", "starter_corpus")
"""Settings that make another run of the same file: an answer by another judge is another answer."""


@dataclass(frozen=True, slots=True)
class Source:
    """The file, and what its lines ask."""

    path: Path
    verify: bool
    endpoint: Endpoint

    def digest(self, settings: Settings) -> str:
        """What makes this the same run: the content, and what is done with it. Blocks. Raises BadInput."""
        digest = hashlib.sha256()
        with _readable(self.path) as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
        judged_by = {name: getattr(settings, name) for name in _JUDGED_BY}
        digest.update(orjson.dumps([self.verify, self.endpoint, self.path.suffix, judged_by]))
        return digest.hexdigest()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The input of the batch. Raises BadInput for rows with faults."""
        parts = _in_bundles(rows_as_lines(self.path)) if self.verify else _pieces(self.path)
        while chunk := await asyncio.to_thread(next, parts, b""):
            yield chunk


def source_of(path: Path, verify: bool, endpoint: str) -> Source:
    """The source; what its lines ask is read from the first of them unless it is said. Raises BadInput."""
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name one file of it", "FILE")
    if not path.exists():
        raise BadInput(f"{path}: there is no such file", "FILE")
    if not path.is_file():
        raise BadInput(f"{path} is no file that can be read twice; write it to a file first", "FILE")
    _check_kind(path, "JSON Lines or CSV" if verify else "JSON Lines")
    if verify:
        return Source(path, True, Endpoint.VERIFY)
    if endpoint:
        if endpoint not in list(Endpoint):
            raise BadInput(f"--endpoint {endpoint!r} cannot be called; these can: {', '.join(Endpoint)}", "endpoint")
        return Source(path, False, Endpoint(endpoint))
    return Source(path, False, _endpoint_of_first(path))


def _check_kind(path: Path, forms: str) -> None:
    """Raises BadInput for a file that is not text in UTF-8, and says what it looks like."""
    with _readable(path) as file:
        other = other_file(file.read(BYTES_LOOKED_AT))
    if other is not None:
        raise BadInput(f"{path.name} {other.words(forms)}", "FILE")


def _endpoint_of_first(path: Path) -> Endpoint:
    hint = "To check answers in rows of prompt and output, add --verify"
    if is_table(path):
        raise BadInput(f"{path.name} is a table, and no batch of requests. {hint}.", "FILE")
    with _readable(path) as file:
        first = next((line for line in islice(file, LINES_A_CHUNK) if line.strip()), b"")
    try:
        line = orjson.loads(first)
    except orjson.JSONDecodeError:
        line = None
    if isinstance(line, dict) and line.get("url") in list(Endpoint):
        return Endpoint(line["url"])
    if not first:
        raise BadInput(f"{path.name} is empty", "FILE")
    raise BadInput(
        f"{path.name}: its first line is no request, which is custom_id, method, url and body in one JSON object; "
        f"url is one of {', '.join(Endpoint)}. {hint}.",
        "FILE",
    )


def _readable(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror})", "FILE") from error


def _pieces(path: Path) -> Iterator[bytes]:
    with _readable(path) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _in_bundles(lines: Iterator[bytes]) -> Iterator[bytes]:
    while bundle := b"".join(islice(lines, LINES_A_CHUNK)):
        yield bundle
