"""The seam behind which bytes are kept: a local folder, or an object store such as S3.

A blob is written once, whole, and never changed. Keys are paths of our own making, such as "files/file-1a2b".
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Protocol

CHUNK_BYTES = 128 * 1024
"""Of what is read at a time."""


class Blobs(Protocol):
    """A keeper of blobs. Everything raises BlobsUnavailable when it cannot be reached or is full."""

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Writes a blob and returns its size in bytes.

        When it returns, the blob is there and outlives a power failure; when it raises, be it what `chunks` raises,
        there is nothing under `key`. A blob that was there is replaced.
        """
        ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` to before `end`, in chunks of about CHUNK_BYTES at the most.

        Whoever may not take all of them closes it: a file may be open meanwhile.
        Raises BlobMissing if there is no such blob, or if it ends earlier.
        """
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes blobs. Those that are not there are no error."""
        ...

    def keys(self, prefix: str) -> AsyncIterator[str]:
        """The keys that begin with `prefix`, a path that ends with a slash, in any order."""
        ...

    async def tidy(self) -> None:
        """Removes what is left of writing that broke off long ago because the process ended."""
        ...

    async def check(self) -> None:
        """Raises BlobsUnavailable if nothing could be written now."""
        ...

    async def aclose(self) -> None:
        """Closes what is open."""
        ...


async def one_chunk(content: bytes) -> AsyncIterator[bytes]:
    """`content` as the chunks that `Blobs.write` takes."""
    yield content
