"""Blobs in memory, for tests and for trying things out. Gone with the process."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from inference.blobs.blobs import CHUNK_BYTES
from inference.errors import BlobMissing


class MemoryBlobs:
    """Blobs in a dictionary."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        content = b"".join([chunk async for chunk in chunks])
        self.held[key] = content
        return len(content)

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        if key not in self.held:
            raise BlobMissing(f"the blob {key} is missing")
        wanted = self.held[key][start:end]
        if end is not None and len(wanted) < end - start:
            raise BlobMissing(f"the blob {key} ends before byte {end:,}")
        for at in range(0, len(wanted), CHUNK_BYTES):
            yield wanted[at : at + CHUNK_BYTES]

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.held.pop(key, None)

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        for key in [key for key in self.held if key.startswith(prefix)]:
            yield key

    async def tidy(self) -> None:
        return

    async def check(self) -> None:
        return

    async def aclose(self) -> None:
        return
