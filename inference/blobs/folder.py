"""Blobs as files in a local folder.

A blob is written under a name of its own, synced, and then renamed to its key: whoever looks sees it whole or not at
all, also after a power failure. File work is done in threads.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from pathlib import Path

from inference.blobs.blobs import CHUNK_BYTES
from inference.blobs.open_blob import OpenBlob
from inference.blobs.unfinished_blob import UnfinishedBlob
from inference.errors import BlobMissing, BlobsUnavailable

_UNFINISHED = "unfinished"
"""The folder of what is being written, beside the blobs so that renaming is enough."""


ABANDONED_S = 2 * 3600.0
"""Without a byte written, after which nobody is writing a blob any more: no client may be silent for longer than an
hour (setting body_timeout_s)."""

READS_ABREAST = 4
"""Of chunks. Many readers that come at once would otherwise have all threads to themselves, and fill each turn of the
event loop with chunks that are to be sent."""


class FolderBlobs:
    """Blobs below `folder`, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reads = asyncio.Semaphore(READS_ABREAST)

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        path = self._path(key)
        held: list[bytes] = []
        size = held_bytes = 0
        unfinished = UnfinishedBlob(self._folder / _UNFINISHED)
        begun = False
        try:
            async for chunk in chunks:
                held.append(chunk)
                held_bytes += len(chunk)
                size += len(chunk)
                if held_bytes >= CHUNK_BYTES:  # a small blob is written in one visit to a thread
                    begun = True
                    await asyncio.to_thread(self._append, unfinished, held)
                    held, held_bytes = [], 0
            begun = True
            await asyncio.to_thread(self._finish, unfinished, held, path)
        except BaseException:
            unfinished.give_up()
            if begun:
                await asyncio.shield(asyncio.to_thread(unfinished.discard))  # after what a thread does to it now
            raise
        return size

    def _append(self, unfinished: UnfinishedBlob, chunks: Sequence[bytes]) -> None:
        with _in_our_words(self._folder):
            unfinished.append(chunks)

    def _finish(self, unfinished: UnfinishedBlob, chunks: Sequence[bytes], path: Path) -> None:
        with _in_our_words(self._folder):
            unfinished.append(chunks)
            unfinished.become(path)

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        with contextlib.closing(OpenBlob(self._path(key), start)) as blob:
            left = None if end is None else end - start
            while True:
                wanted = CHUNK_BYTES if left is None else min(CHUNK_BYTES, left)
                async with self._reads:
                    chunk = await asyncio.to_thread(self._read, blob, wanted)
                if not chunk:
                    break
                if left is not None:
                    left -= len(chunk)
                yield chunk
                if left == 0:
                    return
            if left:
                raise BlobMissing(f"the blob {key} ends before byte {end:,}")

    def _read(self, blob: OpenBlob, wanted: int) -> bytes:
        with _in_our_words(self._folder):
            return blob.read(wanted)

    async def delete(self, keys: Sequence[str]) -> None:
        await asyncio.to_thread(self._delete, keys)

    def _delete(self, keys: Sequence[str]) -> None:
        with _in_our_words(self._folder):
            for key in keys:
                path = self._path(key)
                path.unlink(missing_ok=True)
                _remove_empty(path.parent, self._folder)

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        for key in await asyncio.to_thread(lambda: list(self._keys(prefix))):
            yield key

    def _keys(self, prefix: str) -> Iterator[str]:
        with _in_our_words(self._folder):
            for path in self._path(prefix).rglob("*"):
                if path.is_file():
                    yield path.relative_to(self._folder).as_posix()

    async def tidy(self) -> None:
        await asyncio.to_thread(self._tidy)

    def _tidy(self) -> None:
        with _in_our_words(self._folder):
            for path in (self._folder / _UNFINISHED).glob("*"):
                with contextlib.suppress(FileNotFoundError):  # it has got its name meanwhile, or was given up
                    if time.time() - path.stat().st_mtime > ABANDONED_S:
                        path.unlink()

    async def check(self) -> None:
        await asyncio.to_thread(self._check)

    def _check(self) -> None:
        with _in_our_words(self._folder):
            unfinished = UnfinishedBlob(self._folder / _UNFINISHED)
            unfinished.append([])
            unfinished.discard()

    async def aclose(self) -> None:
        return

    def _path(self, key: str) -> Path:
        parts = key.rstrip("/").split("/")
        if not all(part and part.strip(".") for part in parts):  # keys are ours; this is for the day when one is not
            raise BlobsUnavailable(f"{key!r} is no key of a blob")
        return self._folder.joinpath(*parts)


def _remove_empty(folder: Path, top: Path) -> None:
    with contextlib.suppress(OSError):  # not empty, or gone
        while folder != top:
            folder.rmdir()
            folder = folder.parent


@contextlib.contextmanager
def _in_our_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        name = Path(error.filename).name if error.filename else ""
        raise BlobMissing(f"the blob {name} is missing in {folder}") from error
    except OSError as error:
        told = f"files cannot be read or written now: {error.strerror}" if error.strerror else None
        raise BlobsUnavailable(f"{folder} cannot be used now: {error.strerror or error}", told) from error
