"""A person's own files as a source of evidence, kept in one SQLite file.

Adding a file again replaces it if it changed and does nothing if it did not. A file that cannot be read is reported
and the others go on; a corpus file that cannot be used raises CorpusUnreadable. No file is created by reading.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from inference.errors import CorpusEmpty
from inference.evidence.abandonable import AbandonableThreads
from inference.evidence.chunk import chunk
from inference.evidence.corpus_files import FoundFile, find_files
from inference.evidence.corpus_store import (
    CorpusDocument,
    NewDocument,
    StoredPassage,
    found_passages,
    holds_documents,
    listed_documents,
    put_document,
    reading,
    remove_document,
    stored_digest,
    writing,
)
from inference.evidence.file_text import FileText, FileUnreadable, digest, file_text, printable, read_bytes
from inference.evidence.rerank import CANDIDATES_MAX, reranked
from inference.verdict import Passage, SourceKind

WAIT_S = 30.0
"""Seconds that a writer waits for another. The largest file takes some five seconds to write."""

READ_FILE_S = 120.0
"""Seconds for the text of one file. The largest PDF takes about a minute; a hostile one must end some time."""

READERS_MAX = 4
"""Threads that read files, those included that were given up and have not ended yet."""


class FileOutcome(StrEnum):
    """What became of one file that was to be added."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left out"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file; `reason` says why if it is not in the corpus now."""

    name: str
    outcome: FileOutcome
    reason: str = ""
    characters: int = 0


class Corpus:
    """The corpus in the file at `path`. It holds nothing open between calls, so several processes may use the file."""

    name = "your corpus"

    def __init__(self, path: Path, *, wait_s: float = WAIT_S, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._wait_s = wait_s
        self._now = now
        self._readers = AbandonableThreads(READERS_MAX)

    async def add(
        self, paths: Iterable[Path], progress: Callable[[FileReport], None] = lambda _: None
    ) -> Sequence[FileReport]:
        """Adds files, and folders with all that is in them. Calls `progress` after each file. One report a file."""
        found = await asyncio.to_thread(lambda: list(find_files(paths)))
        reports = []
        for file in found:
            reports.append(await self._add_found(file))
            progress(reports[-1])
        return reports

    async def list(self) -> Sequence[CorpusDocument]:
        """Every document, in the order of their names."""
        return await asyncio.to_thread(self._list)

    async def remove(self, name: str) -> bool:
        """Removes the document of the file `name`, which need not exist any more. False if it is not in the corpus."""
        return await asyncio.to_thread(self._remove, name)

    async def search(self, query: str, limit: int) -> Sequence[Passage]:
        """At most `limit` passages that share a word with `query`, best first."""
        found = await asyncio.to_thread(self._search, query, limit)
        return [_passage(stored) for stored in found]

    async def retrieve(self, query: str, passages_max: int) -> Sequence[Passage]:
        """As `search`, but those of the best that are near in meaning stand higher.

        Raises CorpusEmpty if no file was ever added: then nothing was asked, whatever the query.
        """
        passages = await self.search(query, max(passages_max, CANDIDATES_MAX))
        if not passages and await asyncio.to_thread(self._is_empty):
            raise CorpusEmpty("It is empty; add files with: touchstone corpus add PATH...")
        order = await asyncio.to_thread(reranked, query, passages, range(len(passages)), passages_max)
        return [passages[number] for number in order]

    async def _add_found(self, file: FoundFile) -> FileReport:
        name = printable(str(file.path))
        if file.left_out:
            return FileReport(name, FileOutcome.LEFT_OUT, file.left_out)
        if file.problem:
            return FileReport(name, FileOutcome.FAILED, file.problem)
        try:
            async with asyncio.timeout(READ_FILE_S):
                data = await self._readers.run(lambda: read_bytes(file.path))
                if await asyncio.to_thread(self._has, name, digest(data)):
                    return FileReport(name, FileOutcome.UNCHANGED)
                text = await self._readers.run(lambda: file_text(file.path, data))
        except FileUnreadable as error:
            return FileReport(name, FileOutcome.FAILED, str(error))
        except TimeoutError:
            return FileReport(name, FileOutcome.FAILED, f"reading it took longer than {READ_FILE_S:.0f} s")
        outcome = await asyncio.to_thread(self._put, name, text, digest(data))
        return FileReport(name, outcome, characters=len(text.text))

    def _has(self, name: str, sha256: str) -> bool:
        with reading(self._path, self._wait_s) as connection:
            return connection is not None and stored_digest(connection, name) == sha256

    def _put(self, name: str, text: FileText, sha256: str) -> FileOutcome:
        document = NewDocument(
            name=name,
            title=text.title,
            media_type=text.media_type,
            characters=len(text.text),
            added_at=int(self._now()),
            sha256=sha256,
        )
        spans = chunk(text.text)
        with writing(self._path, self._wait_s) as connection:
            before = stored_digest(connection, name)
            if before == sha256:
                return FileOutcome.UNCHANGED
            put_document(connection, document, ((span.start, text.text[span.start : span.end]) for span in spans))
            return FileOutcome.ADDED if before is None else FileOutcome.REPLACED

    def _list(self) -> Sequence[CorpusDocument]:
        with reading(self._path, self._wait_s) as connection:
            return [] if connection is None else listed_documents(connection)

    def _remove(self, name: str) -> bool:
        with reading(self._path, self._wait_s) as existing:
            if existing is None:
                return False
        names = (printable(name), printable(os.path.realpath(name)))
        with writing(self._path, self._wait_s) as connection:
            return any(remove_document(connection, candidate) for candidate in names)

    def _is_empty(self) -> bool:
        with reading(self._path, self._wait_s) as connection:
            return connection is None or not holds_documents(connection)

    def _search(self, query: str, limit: int) -> Sequence[StoredPassage]:
        with reading(self._path, self._wait_s) as connection:
            return [] if connection is None else found_passages(connection, query, limit)


def _passage(stored: StoredPassage) -> Passage:
    # The link names no path: it reaches callers who need not know how the server's disk is laid out.
    return Passage(
        id=f"corpus/{stored.document_id}/{stored.start}",
        text=stored.text,
        kind=SourceKind.CORPUS,
        title=stored.title,
        link=f"touchstone://corpus/documents/{stored.document_id}",
        start=stored.start,
    )
