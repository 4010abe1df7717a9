"""Blobs as files in a local folder.

A blob is written under a name of its own, synced, and then renamed to its key: whoever looks sees it whole or not at
all, also after a power failure. File work is done in threads.
"""

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from inference.blobs.blobs import CHUNK_BYTES
from inference.errors import BlobMissing, BlobsUnavailable
from inference.private_files import create_private_file, make_private_folder

_UNFINISHED = "unfinished"
"""The folder of what is being written, beside the blobs so that renaming is enough."""


ABANDONED_S = 2 * 3600.0
"""Without a byte written, after which nobody is writing a blob any more: no client may be silent for longer than an
hour (setting body_timeout_s)."""

MOVE_TRIES_MAX = 5
"""Of giving a blob its name, while others clean up around it."""


class FolderBlobs:
    """Blobs below `folder`, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        path = self._path(key)
        held: list[bytes] = []
        size = held_bytes = 0
        unfinished: _Unfinished | None = None
        try:
            async for chunk in chunks:
                held.append(chunk)
                held_bytes += len(chunk)
                size += len(chunk)
                if held_bytes >= CHUNK_BYTES:  # a small blob is written in one visit to a thread
                    unfinished = await asyncio.to_thread(self._append, unfinished, held)
                    held, held_bytes = [], 0
            await asyncio.to_thread(self._finish, unfinished, held, path)
        except BaseException:
            if unfinished is not None:
                await asyncio.shield(asyncio.to_thread(unfinished.discard))
            raise
        return size

    def _append(self, unfinished: "_Unfinished | None", chunks: Sequence[bytes]) -> "_Unfinished":
        with _in_our_words(self._folder):
            unfinished = unfinished or _Unfinished(self._folder / _UNFINISHED)
            try:
                unfinished.file.writelines(chunks)
            except BaseException:
                unfinished.discard()
                raise
            return unfinished

    def _finish(self, unfinished: "_Unfinished | None", chunks: Sequence[bytes], path: Path) -> None:
        unfinished = self._append(unfinished, chunks)
        with _in_our_words(self._folder):
            unfinished.become(path)

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        wanted = None if end is None else max(0, end - start)
        file, chunk = await asyncio.to_thread(self._open, key, start, wanted)
        try:
            left = wanted
            while chunk:
                if left is not None:
                    left -= len(chunk)
                yield chunk
                if left is not None and left <= 0:
                    return
                chunk = await asyncio.to_thread(self._read, file, left)
            if left:
                raise BlobMissing(f"the blob {key} ends before byte {end:,}")
        finally:
            file.close()

    def _open(self, key: str, start: int, wanted: int | None) -> tuple[BinaryIO, bytes]:
        """The file and its first piece: most blobs are small, and are read in one visit to a thread."""
        with _in_our_words(self._folder):
            file = self._path(key).open("rb", buffering=0)
            try:
                file.seek(start)
                return file, self._read(file, wanted)
            except BaseException:
                file.close()
                raise

    def _read(self, file: BinaryIO, wanted: int | None) -> bytes:
        with _in_our_words(self._folder):
            return file.read(CHUNK_BYTES if wanted is None else min(CHUNK_BYTES, wanted))

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
            _Unfinished(self._folder / _UNFINISHED).discard()

    async def aclose(self) -> None:
        return

    def _path(self, key: str) -> Path:
        parts = key.rstrip("/").split("/")
        if not all(part and part.strip(".") for part in parts):  # keys are ours; this is for the day when one is not
            raise BlobsUnavailable(f"{key!r} is no key of a blob")
        return self._folder.joinpath(*parts)


class _Unfinished:
    """A file that has not got its name yet."""

    def __init__(self, folder: Path) -> None:
        make_private_folder(folder)
        self._path = folder / secrets.token_hex(16)
        self.file = create_private_file(self._path)

    def become(self, path: Path) -> None:
        try:
            os.fsync(self.file.fileno())
            self.file.close()
            self._move_to(path)
            _sync_folder(path.parent)
        except BaseException:
            self.discard()
            raise

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

    def discard(self) -> None:
        self.file.close()
        self._path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """So that the new name outlives a power failure. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
