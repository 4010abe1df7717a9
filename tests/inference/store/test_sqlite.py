"""The store in a file of SQLite: locked, corrupt, read-only, and on a full disk."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select

from inference.errors import StoreUnavailable
from inference.files.file import File, Part
from inference.files.file_records import FileRecords
from inference.store.database import Database
from inference.store.tables import DOOMED_BLOBS

NOBODY = 65_534

LOCKS_IT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
print("free", flush=True)
"""


OPENS_IT = """
import asyncio, sys
from inference.store.database import Database

async def run():
    database = Database(sys.argv[1])
    sys.stdin.readline()
    await database.open()
    await database.aclose()

asyncio.run(run())
"""


class Locking:
    """Another process that holds the lock of a database until it is told to let go."""

    def __init__(self, file: Path) -> None:
        command = [sys.executable, "-c", LOCKS_IT, str(file)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "locked\n"

    def let_go(self) -> None:
        self._process.communicate("\n", timeout=90)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture(autouse=True)
async def no_thread_is_left() -> AsyncIterator[None]:
    """Waits for the driver's threads to end while there is a loop that they can tell of it.

    Those of a server that other tests share go on.
    """
    before = drivers()
    yield
    async with asyncio.timeout(60):
        while drivers() - before:  # noqa: ASYNC110  they tell nobody
            await asyncio.sleep(0.01)


def drivers() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "_connection_worker" in thread.name}


@pytest.fixture
def locked() -> Iterator[Callable[[Path], Locking]]:
    held: list[Locking] = []

    def lock(file: Path) -> Locking:
        held.append(Locking(file))
        return held[-1]

    yield lock
    for locking in held:
        locking.kill()


async def opened(file: Path, busy_timeout_s: float = 30.0) -> Database:
    database = Database(f"sqlite:///{file}", busy_timeout_s=busy_timeout_s)
    await database.open()
    return database


async def add_files(records: FileRecords, count: int) -> None:
    for number in range(count):
        await records.add(File(f"file-{number}", "o", "f" * 1000, "batch", 1, 1), [Part(f"files/{number}", 1)])


def damage(file: Path) -> None:
    """Fills all pages but the first with nonsense."""
    size = file.stat().st_size
    with file.open("r+b") as content:
        content.seek(4096)
        content.write(b"\xff" * (size - 4096))


async def doomed(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(DOOMED_BLOBS)) or 0)


@pytest.mark.process
async def test_a_writer_waits_for_another_process(file: Path, locked: Callable[[Path], Locking]) -> None:
    database = await opened(file)
    other = locked(file)
    records = FileRecords(database)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(records.expect_blob("files/1"))
        assert await doomed(database) == 0  # readers do not wait
        assert not writing.done()
        await asyncio.to_thread(other.let_go)
    assert await doomed(database) == 1
    await database.aclose()


@pytest.mark.process
async def test_a_new_file_that_another_process_is_just_opening_is_waited_for(
    file: Path, locked: Callable[[Path], Locking]
) -> None:
    other = locked(file)  # as whoever makes the tables has it
    async with asyncio.TaskGroup() as group:
        opening = group.create_task(opened(file))
        await asyncio.wait({opening}, timeout=0.5)
        assert not opening.done()
        await asyncio.to_thread(other.let_go)
    assert await doomed(opening.result()) == 0
    await opening.result().aclose()


@pytest.mark.process
async def test_a_new_file_that_stays_locked_is_not_waited_for_without_end(
    file: Path, locked: Callable[[Path], Locking]
) -> None:
    locked(file)
    with pytest.raises(StoreUnavailable, match="locked"):
        await opened(file, busy_timeout_s=0.3)


def exits_of_openers(file: Path, count: int) -> list[int]:
    """The exit statuses of processes that open the file at once."""
    command = [sys.executable, "-c", OPENS_IT, f"sqlite:///{file}"]
    opening = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True) for _ in range(count)]
    for process in opening:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()
    for process in opening:
        process.communicate(timeout=60)
    return [process.returncode for process in opening]


@pytest.mark.process
async def test_processes_that_open_a_new_file_at_once_all_come_up(file: Path) -> None:
    assert await asyncio.to_thread(exits_of_openers, file, 4) == [0, 0, 0, 0]


@pytest.mark.process
async def test_a_writer_that_waited_too_long_says_so_and_loses_nothing(
    file: Path, locked: Callable[[Path], Locking]
) -> None:
    database = await opened(file, busy_timeout_s=0.2)
    records = FileRecords(database)
    await records.expect_blob("files/1")
    other = locked(file)
    outcomes = await asyncio.gather(*(records.expect_blob(f"files/{n}") for n in (2, 3)), return_exceptions=True)
    for outcome in outcomes:
        assert isinstance(outcome, StoreUnavailable)
        assert str(file) in outcome.message
    await asyncio.to_thread(other.let_go)
    await records.expect_blob("files/4")
    assert await doomed(database) == 2
    await database.aclose()


@pytest.mark.process
async def test_a_lock_whose_holder_is_killed_is_free(file: Path, locked: Callable[[Path], Locking]) -> None:
    database = await opened(file)
    locked(file).kill()
    await FileRecords(database).expect_blob("files/1")
    await database.aclose()


async def test_what_is_committed_is_there_for_another_process_at_once(file: Path) -> None:
    database, other = await opened(file), await opened(file)
    await FileRecords(database).add(File("file-1", "o", "f", "batch", 1, 1), [Part("files/1", 1)])
    assert (await FileRecords(other).get("o", "file-1")).id == "file-1"
    await database.aclose()
    await other.aclose()


async def test_commits_are_synced_to_the_disk_before_they_are_reported(file: Path) -> None:
    database = await opened(file)
    async with database.writing() as connection:
        pragmas = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in PRAGMAS]
    assert pragmas == ["wal", 2, 1]
    await database.aclose()


PRAGMAS = ("journal_mode", "synchronous", "foreign_keys")


async def test_what_is_done_in_one_visit_counts_as_a_whole_or_not_at_all(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    await database.open()
    doomed = insert(DOOMED_BLOBS).values(key="a", after=1.0)

    def breaks_off(connection: Connection) -> None:
        connection.execute(doomed)
        raise ValueError("halfway")

    def counted(connection: Connection) -> int:
        return connection.scalar(select(func.count()).select_from(DOOMED_BLOBS)) or 0

    with pytest.raises(ValueError, match="halfway"):
        await database.in_one_visit(breaks_off)
    assert await database.in_one_visit(counted) == 0
    await database.in_one_visit(lambda connection: connection.execute(doomed).close())
    assert await database.in_one_visit(counted) == 1
    await database.aclose()


@pytest.mark.parametrize("content", [b"this is no database" * 1000, b"SQLite format 3\0" + b"\xff" * 8192])
async def test_a_file_that_is_no_database_is_an_error_that_names_it(file: Path, content: bytes) -> None:
    await asyncio.to_thread(file.write_bytes, content)
    with pytest.raises(StoreUnavailable, match="cannot be used now") as raised:
        await opened(file)
    assert str(file) in raised.value.message
    assert await asyncio.to_thread(file.read_bytes) == content  # nothing is made anew over it


async def test_a_file_that_is_damaged_later_is_an_error_that_names_it(file: Path) -> None:
    database = await opened(file)
    records = FileRecords(database)
    await add_files(records, 20)
    await database.aclose()
    damage(file)
    with pytest.raises(StoreUnavailable, match="malformed") as raised:
        await opened(file)
    assert str(file) in raised.value.message


async def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open database file"):
        await opened(tmp_path / "nowhere" / "store.sqlite3")


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which this process may read and not write."""
    root = os.geteuid() == 0
    folder.chmod(0o555)
    try:
        if root:
            os.seteuid(NOBODY)
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can get to."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


async def test_a_folder_that_may_not_be_written_to_is_an_error_that_names_the_file(open_folder: Path) -> None:
    file = open_folder / "store.sqlite3"
    await (await opened(file)).aclose()
    with read_only(open_folder), pytest.raises(StoreUnavailable, match=r"readonly database|unable to open") as raised:
        await opened(file)
    assert str(file) in raised.value.message
    database = await opened(file)
    await FileRecords(database).expect_blob("files/1")
    await database.aclose()


async def test_a_full_disk_is_an_error_and_what_was_committed_stays(file: Path) -> None:
    database = await opened(file)
    records = FileRecords(database)
    await records.expect_blob("files/that-nobody-has")
    async with database.reading() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    # SQLite says of a database that may not grow what it says of a disk that has no room: SQLITE_FULL.
    with pytest.raises(StoreUnavailable, match="database or disk is full"):
        await add_files(records, 1000)
    assert await doomed(database) == 1
    connection_after = sqlite3.connect(file)
    assert connection_after.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection_after.close()
    await database.aclose()
