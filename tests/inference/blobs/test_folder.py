"""A folder of blobs whose reader or writer leaves: nothing stays open, and nothing gets its name afterwards."""

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from inference.blobs.blobs import CHUNK_BYTES, one_chunk
from inference.blobs.folder import READS_ABREAST, FolderBlobs
from inference.files.content import content
from inference.files.file import Part
from tests.counted_threads import CountedThreads
from tests.open_files import no_garbage_collector, open_files
from tests.robustness.waiting import wait_until

WAIT_S = 30.0


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    with no_garbage_collector():
        yield


class Threads(ThreadPoolExecutor):
    """Those of a loop. A piece of work is begun and then held until a test lets it go on: before it does anything, or
    when it is done and nobody has its result yet."""

    def __init__(self, number: int = 0, hold_before: bool = False, hold_after: bool = False) -> None:
        """`number` is that of the piece of work, counted from 0."""
        super().__init__()
        self._number = number
        self._hold_before, self._hold_after = hold_before, hold_after
        self._count = 0
        self.is_there = threading.Event()
        self.goes_on = threading.Event()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        is_held = self._count == self._number
        self._count += 1
        return super().submit(self._held if is_held else fn, *((fn, *args) if is_held else args), **kwargs)

    def _held(self, work: Callable[..., Any], *args: Any) -> Any:
        if not self._hold_after:
            self.is_there.set()
        if self._hold_before:
            self._wait()
        result = work(*args)
        if self._hold_after:
            self.is_there.set()
            self._wait()
        return result

    def _wait(self) -> None:
        assert self.goes_on.wait(WAIT_S)


async def cancelled_meanwhile(work: asyncio.Task[Any], threads: Threads) -> None:
    """Cancels `work` when a thread is at the place where it is held."""
    with ThreadPoolExecutor(1) as own:
        assert await asyncio.get_running_loop().run_in_executor(own, threads.is_there.wait, WAIT_S)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(work, WAIT_S)
    threads.goes_on.set()


def kept(folder: Path, chunks: int = 3) -> list[Part]:
    size = asyncio.run(FolderBlobs(folder).write("files/a", one_chunk(b"x" * CHUNK_BYTES * chunks)))
    return [Part("files/a", size)]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


async def test_a_reader_that_stops_in_the_middle_leaves_no_file_open(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    size = await blobs.write("files/a", one_chunk(b"x" * CHUNK_BYTES * 3))
    chunks = content(blobs, [Part("files/a", size)])
    assert len(await anext(chunks)) == CHUNK_BYTES
    assert len(open_files(tmp_path)) == 1
    await chunks.aclose()
    assert open_files(tmp_path) == []


@pytest.mark.parametrize(("hold_before", "hold_after"), [(True, False), (False, True)])
@pytest.mark.parametrize("number", [0, 1])
def test_a_reader_that_is_cancelled_while_a_thread_reads_leaves_no_file_open(
    tmp_path: Path, number: int, hold_before: bool, hold_after: bool
) -> None:
    parts = kept(tmp_path)
    threads = Threads(number, hold_before, hold_after)

    async def read() -> None:
        async for _ in content(FolderBlobs(tmp_path), parts):
            pass

    async def scenario() -> None:
        asyncio.get_running_loop().set_default_executor(threads)
        await cancelled_meanwhile(asyncio.create_task(read()), threads)

    asyncio.run(scenario())  # at its end waits for the threads
    assert open_files(tmp_path) == []


def test_a_reader_that_is_cancelled_while_the_disk_opens_the_file_leaves_it_not_open(tmp_path: Path) -> None:
    pipe = tmp_path / "files" / "slow"
    pipe.parent.mkdir()
    os.mkfifo(pipe)  # to open it takes for as long as nobody is at the other end
    threads = Threads()

    async def read() -> None:
        async for _ in FolderBlobs(tmp_path).read("files/slow"):
            pass

    async def scenario() -> None:
        asyncio.get_running_loop().set_default_executor(threads)
        await cancelled_meanwhile(asyncio.create_task(read()), threads)
        wait_until(lambda: came_to_the_other_end(pipe), "a thread opens the file")

    asyncio.run(scenario())
    assert open_files(tmp_path) == []


def came_to_the_other_end(pipe: Path) -> bool:
    """Whether somebody was about to open `pipe`, who then finds it empty."""
    with contextlib.suppress(OSError):
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return True
    return False


def write_and_cancel(folder: Path, threads: Threads) -> None:
    """Cancels the writing of two chunks when a thread is at the place where it is held, and waits for the threads."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(2):
            yield b"x" * CHUNK_BYTES

    async def scenario() -> None:
        asyncio.get_running_loop().set_default_executor(threads)
        await cancelled_meanwhile(asyncio.create_task(FolderBlobs(folder).write("files/a", chunks())), threads)

    asyncio.run(scenario())


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_is_cancelled_while_a_thread_is_about_to_write_it_never_gets_its_name(tmp_path: Path, number: int) -> None:
    write_and_cancel(tmp_path, Threads(number, hold_before=True))
    assert (files(tmp_path), open_files(tmp_path)) == ([], [])


def test_what_is_cancelled_once_a_thread_has_begun_it_leaves_no_unfinished_file(tmp_path: Path) -> None:
    write_and_cancel(tmp_path, Threads(hold_after=True))
    assert (files(tmp_path), open_files(tmp_path)) == ([], [])


def test_many_readers_that_come_at_once_leave_threads_to_others(tmp_path: Path) -> None:
    parts = kept(tmp_path)
    threads, blobs = CountedThreads(), FolderBlobs(tmp_path)

    async def read() -> int:
        return sum([len(chunk) async for chunk in content(blobs, parts)])

    async def scenario() -> list[int]:
        asyncio.get_running_loop().set_default_executor(threads)
        return await asyncio.gather(*(read() for _ in range(30)))

    assert asyncio.run(scenario()) == [parts[0].bytes] * 30
    assert threads.most <= READS_ABREAST
