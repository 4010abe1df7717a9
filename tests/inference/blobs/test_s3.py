"""Blobs in a real S3 server: what goes wrong there, and what it costs."""

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from inference.blobs.blobs import one_chunk
from inference.blobs.object_store import ObjectStoreBlobs
from inference.errors import BlobMissing, BlobsUnavailable, SettingsError
from tests.scale.s3 import BUCKET, S3Server

HELD_BYTES_MAX = 120 * 1024 * 1024
"""More memory than a blob of 400 MB may take on its way: a few pieces, and what the client needs."""


@pytest.fixture
def variables(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in s3.variables.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def own_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """A server for one test, which may end it."""
    server = S3Server()
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    yield server
    server.stop()


async def every_failure(blobs: ObjectStoreBlobs) -> list[str]:
    """What each thing that can be asked of blobs raises."""

    async def long() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1024 * 1024

    async def read() -> None:
        [chunk async for chunk in blobs.read("files/a", 0, 5)]

    async def keys() -> None:
        [key async for key in blobs.keys("files/")]

    asked: list[Callable[[], Awaitable[object]]] = [
        lambda: blobs.write("files/a", one_chunk(b"x")),
        lambda: blobs.write("files/b", long()),
        read,
        keys,
        lambda: blobs.delete(["files/a"]),
        blobs.check,
    ]
    said: list[str] = []
    for ask in asked:
        with pytest.raises(BlobsUnavailable) as raised:
            await ask()
        assert not isinstance(raised.value, BlobMissing)  # which would be for good
        said.append(raised.value.message)
    return said


async def test_wrong_credentials_are_an_error_that_repeats_none(s3: S3Server, variables: pytest.MonkeyPatch) -> None:
    variables.setenv("AWS_ACCESS_KEY_ID", "AKIAWRONGWRONG")
    variables.setenv("AWS_SECRET_ACCESS_KEY", "a-wrong-secret")
    for message in await every_failure(ObjectStoreBlobs.at(s3.new_place())):
        assert "refuses" in message or "cannot be used" in message
        assert "InvalidAccessKeyId" in message
        assert "AKIA" not in message
        assert "a-wrong-secret" not in message


async def test_a_missing_bucket_is_an_error_that_names_it(s3: S3Server, variables: pytest.MonkeyPatch) -> None:
    for message in await every_failure(ObjectStoreBlobs.at("s3://no-such-bucket/x")):
        assert "s3://no-such-bucket/x" in message
        assert "NoSuchBucket" in message


async def test_a_server_that_is_down_is_an_error_and_up_again_it_is_used(own_s3: S3Server) -> None:
    blobs = ObjectStoreBlobs.at(own_s3.new_place())
    await blobs.write("files/a", one_chunk(b"hello"))
    own_s3.halt()
    for message in await every_failure(blobs):
        assert f"s3://{BUCKET}" in message
        assert "cannot be used now" in message
    own_s3.start()
    assert [chunk async for chunk in blobs.read("files/a")] == [b"hello"]


async def test_two_places_in_a_bucket_know_nothing_of_each_other(s3: S3Server, variables: pytest.MonkeyPatch) -> None:
    one, other = ObjectStoreBlobs.at(s3.new_place()), ObjectStoreBlobs.at(s3.new_place())
    await one.write("files/a", one_chunk(b"hello"))
    assert [key async for key in one.keys("files/")] == ["files/a"]
    assert [key async for key in other.keys("files/")] == []


MOVES_400_MB = """
import asyncio, resource, sys
from inference.blobs.object_store import ObjectStoreBlobs

async def chunks():
    for _ in range(400):
        yield b"x" * 1024 * 1024

async def main():
    blobs = ObjectStoreBlobs.at(sys.argv[1])
    await blobs.write("files/small", one())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await blobs.write("files/a", chunks())
    size = 0
    async for chunk in blobs.read("files/a"):
        size += len(chunk)
    assert size == 400 * 1024 * 1024, size
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

async def one():
    yield b"x"

asyncio.run(main())
"""


def test_a_blob_of_400_mb_goes_there_and_back_in_bounded_memory(s3: S3Server, variables: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", MOVES_400_MB, s3.new_place()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < HELD_BYTES_MAX


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3:///prefix",
        "s3://key:secret@the-bucket/prefix",
        "s3://the-bucket/prefix?endpoint=http://127.0.0.1:9000",
        "s3://the-bucket/../other",
        "ftp://the-bucket/prefix",
        "/srv/blobs",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_with_what_can(url: str) -> None:
    with pytest.raises(SettingsError, match="setting blobs_url: write s3://BUCKET/PREFIX, gs://") as raised:
        ObjectStoreBlobs.at(url)
    assert "secret" not in raised.value.message


def test_an_azure_container_without_an_account_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(SettingsError, match=r"blobs_url = 'az://container/x': .*Account must be specified"):
        ObjectStoreBlobs.at("az://container/x")


def test_buckets_of_other_clouds_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "someone")
    for url in ("gs://the-bucket/prefix", "az://container/prefix", "s3://the-bucket"):
        ObjectStoreBlobs.at(url)
