"""Blobs as objects of a store such as S3, Google Cloud Storage or Azure Blob Storage.

An object comes into being whole or not at all, so a blob needs no other name while it is written. What is short is
written in one request, what is long in parts; what is read is asked for in pieces, so that neither a slow reader nor a
slow writer holds a request open. Credentials are the store's own business: obstore takes them from where the cloud's
tools do. Messages never repeat what the store said, which may hold keys, but for its error code.
"""

import contextlib
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import from_url

from inference.blobs.blobs import CHUNK_BYTES
from inference.errors import BlobMissing, BlobsUnavailable, SettingsError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PIECE_BYTES = 8 * 1024 * 1024
"""Of what is written or read in one request. S3 takes 10,000 parts an object, so one may have 80 GB."""

PARTS_AT_ONCE = 3
"""Of one blob under way to the store: PARTS_AT_ONCE + 1 pieces are the most that writing a blob holds in memory."""

REQUEST_TIMEOUT_S = 60
"""For a piece to get there or back: 140 KB a second at least."""

CONNECT_TIMEOUT_S = 5

TRIES_MAX = 4
"""Of one request, with growing pauses. Whoever calls tries again later."""

RETRY_TIMEOUT_S = 30

KEYS_A_REQUEST = 1_000
"""That are deleted or listed together; S3 takes no more."""

SCHEMES = ("s3", "gs", "az")

_ERROR_CODE = re.compile(r"<Code>([A-Za-z]{3,64})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_NO_CONTAINER = ("NoSuchBucket", "ContainerNotFound")
_PLACE = re.compile(
    r"(?P<scheme>[a-z0-9]+)://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]+)(?P<prefix>(?:/[A-Za-z0-9._-]+)*)/?"
)


class ObjectStoreBlobs:
    """Blobs below a prefix of a bucket."""

    def __init__(self, store: "ObjectStore", name: str) -> None:
        self._store = store
        self._name = name  # for messages: where the blobs lie

    @classmethod
    def at(cls, url: str) -> "ObjectStoreBlobs":
        """The store that `url` names: s3://BUCKET/PREFIX, gs:// or az://. Does no I/O. Raises SettingsError."""
        place = _PLACE.fullmatch(url)
        if place is None or place["scheme"] not in SCHEMES or ".." in url:
            raise SettingsError(
                "setting blobs_url: write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX, without "
                "keys or other parameters: those come from the variables that the cloud's own tools read "
                "(docs/scaling.md)"
            )
        try:
            store = from_url(url, client_options=_CLIENT, retry_config=_RETRIES)
        except (BaseError, ValueError) as error:
            said = str(error).splitlines()[0]
            raise SettingsError(f"setting blobs_url = {url!r}: {said} (docs/scaling.md)") from None
        return cls(store, url)

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        counted = _Counted(chunks)
        first = await counted.up_to(PIECE_BYTES)
        if counted.ended:
            with self._in_our_words(key):
                await obstore.put_async(self._store, _path(key), first, use_multipart=False)
            return counted.bytes
        try:
            with self._in_our_words(key):
                await obstore.put_async(
                    self._store,
                    _path(key),
                    counted.pieces(first),
                    use_multipart=True,
                    chunk_size=PIECE_BYTES,
                    max_concurrency=PARTS_AT_ONCE,
                )
        except BlobsUnavailable:
            if counted.failure is not None:  # the store's complaint is about that
                raise counted.failure from None
            raise
        return counted.bytes

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        if end is None or end <= start:
            size = await self._size(key)
            end = size if end is None else end
        while start < end:
            piece = await self._piece(key, start, min(end, start + PIECE_BYTES))
            for at in range(0, len(piece), CHUNK_BYTES):
                yield bytes(piece[at : at + CHUNK_BYTES])
            if len(piece) < min(PIECE_BYTES, end - start):
                raise BlobMissing(f"the blob {key} ends before byte {end:,}")
            start += len(piece)

    async def _size(self, key: str) -> int:
        with self._in_our_words(key):
            return (await obstore.head_async(self._store, _path(key)))["size"]

    async def _piece(self, key: str, start: int, end: int) -> memoryview:
        with self._in_our_words(key):
            try:
                return memoryview(await obstore.get_range_async(self._store, _path(key), start=start, end=end))
            except BaseError as error:
                if _is_beyond_the_end(error):
                    return memoryview(b"")
                raise

    async def delete(self, keys: Sequence[str]) -> None:
        for at in range(0, len(keys), KEYS_A_REQUEST):
            some = [_path(key) for key in keys[at : at + KEYS_A_REQUEST]]
            with self._in_our_words(some[0]):
                try:
                    await obstore.delete_async(self._store, some)
                except FileNotFoundError as error:
                    if _code(error) in _NO_CONTAINER:
                        raise
                    await self._delete_one_by_one(some)

    async def _delete_one_by_one(self, paths: Sequence[str]) -> None:
        """Where the store stops at one that is not there."""
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                await obstore.delete_async(self._store, path)

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        listing = obstore.list(self._store, _path(prefix), chunk_size=KEYS_A_REQUEST).__aiter__()
        while True:
            with self._in_our_words(prefix):
                try:
                    some = await anext(listing)
                except StopAsyncIteration:
                    return
            for found in some:
                yield found["path"]

    async def tidy(self) -> None:
        return  # parts of an object that never came into being are for a rule of the bucket to remove

    async def check(self) -> None:
        key = f"checks/{secrets.token_hex(8)}"
        with self._in_our_words(key):
            await obstore.put_async(self._store, key, b"", use_multipart=False)
            await obstore.delete_async(self._store, key)

    async def aclose(self) -> None:
        return  # the client has no connection of its own to close; idle ones end by themselves

    @contextlib.contextmanager
    def _in_our_words(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if (code := _code(error)) in _NO_CONTAINER:
                raise BlobsUnavailable(f"{self._name} cannot be used: there is no such bucket ({code})") from None
            raise BlobMissing(f"the blob {key} is missing in {self._name}") from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            code = _code(error) or "not allowed"
            raise BlobsUnavailable(f"{self._name} refuses what it is asked with these credentials: {code}") from None
        except BaseError as error:
            code = _code(error) or "it does not answer, or there are no credentials for it"
            raise BlobsUnavailable(f"{self._name} cannot be used now: {code}") from None


class _Counted:
    """Chunks, and what is known of them once they have passed."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self.bytes = 0
        self.ended = False
        self.failure: BaseException | None = None

    async def up_to(self, size: int) -> bytes:
        """The chunks that come first, until there are `size` bytes."""
        held: list[bytes] = []
        while self.bytes < size:
            try:
                chunk = await anext(self._chunks)
            except StopAsyncIteration:
                self.ended = True
                break
            held.append(chunk)
            self.bytes += len(chunk)
        return b"".join(held)

    async def pieces(self, first: bytes) -> AsyncIterator[bytes]:
        """`first`, and all that comes after it."""
        yield first
        try:
            async for chunk in self._chunks:
                self.bytes += len(chunk)
                yield chunk
        except Exception as failure:
            self.failure = failure
            raise


def _path(key: str) -> str:
    if not all(part and part.strip(".") for part in key.rstrip("/").split("/")):
        raise BlobsUnavailable(f"{key!r} is no key of a blob")  # keys are ours; this is for the day when one is not
    return key


def _code(error: Exception) -> str | None:
    """What the store calls the failure: a word or an HTTP status, which give nothing away."""
    said = str(error)
    if found := _ERROR_CODE.search(said):
        return found[1]
    return f"HTTP {found[1]}" if (found := _STATUS.search(said)) else None


def _is_beyond_the_end(error: Exception) -> bool:
    """Whether the store refuses a range because there is nothing at its start."""
    return _code(error) in ("InvalidRange", "HTTP 416") or "StartTooLarge" in str(error)


_CLIENT: Any = {
    # An endpoint without TLS is used if the operator names one; without a name it is the cloud's, over TLS.
    "allow_http": True,
    "connect_timeout": timedelta(seconds=CONNECT_TIMEOUT_S),
    "timeout": timedelta(seconds=REQUEST_TIMEOUT_S),
}
_RETRIES: Any = {"max_retries": TRIES_MAX - 1, "retry_timeout": timedelta(seconds=RETRY_TIMEOUT_S)}
