"""The bytes of a file, out of the blobs that it consists of."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from inference.blobs.blobs import Blobs
from inference.files.file import Parts


async def content(blobs: Blobs, parts: Parts, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
    """The bytes from `start` to before `end`, in chunks. Raises BlobsUnavailable.

    Whoever may not take all of them closes it: a file is open meanwhile.
    """
    at = 0
    for part in parts:
        if end is not None and at >= end:
            return
        if at + part.bytes > start:
            last = part.bytes if end is None else min(part.bytes, end - at)
            async with aclosing(blobs.read(part.key, max(0, start - at), last)) as chunks:
                async for chunk in chunks:
                    yield chunk
        at += part.bytes
