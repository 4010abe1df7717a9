"""A person's own corpus, in real files, used by several processes."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from inference.errors import CorpusUnreadable
from inference.evidence.corpus import Corpus, FileOutcome, FileReport
from inference.verdict import SourceKind

LIMIT_S = 60


CRASH = """
import os, signal, sys
from pathlib import Path
from inference.evidence.corpus_store import NewDocument, put_document, writing
def dying():
    for number in range(5_000):
        yield number, f"A new text about the harbour, number {number}."
    print("half way", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
with writing(Path(sys.argv[1]), 1.0) as connection:
    put_document(connection, NewDocument(sys.argv[2], "t", "text/plain", 9, 9, "x"), dying())
"""

ADD_MUCH = """
import asyncio, resource, sys
from pathlib import Path
from inference.errors import CorpusUnreadable
from inference.evidence.corpus import Corpus
path, notes = Path(sys.argv[1]), Path(sys.argv[2])
limit = path.stat().st_size + 200_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    asyncio.run(Corpus(path).add([notes]))
except CorpusUnreadable as error:
    print(error.message)
"""

ADD_ALL = """
import asyncio, sys
from pathlib import Path
from inference.evidence.corpus import Corpus
asyncio.run(Corpus(Path(sys.argv[1])).add([Path(name) for name in sys.argv[2:]]))
"""


def run_program(program: str, *arguments: Path | str) -> "subprocess.CompletedProcess[str]":
    """Runs `program` in a process of its own."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def make_file(path: Path, data: bytes = b"") -> bytes:
    """Puts a file where a corpus may be expected; gives what is in it."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return data


def overwrite_from(path: Path, place: int) -> None:
    """Makes everything behind `place` nonsense."""
    kept = path.read_bytes()
    path.write_bytes(kept[:place] + b"\xa5" * (len(kept) - place))


def database_of_another_program(path: Path) -> bytes:
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "corpus.db"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "harbour.txt").write_text("The harbour of Kalvo was rebuilt in 1903.")
    (folder / "school.md").write_text("# School\n\nThe school of Kalvo has forty pupils.")
    return folder


async def texts(corpus: Corpus, query: str) -> list[str]:
    return [passage.text for passage in await corpus.search(query, 10)]


def outcomes(reports: Sequence[FileReport]) -> dict[str, FileOutcome]:
    return {Path(report.name).name: report.outcome for report in reports}


async def test_what_was_added_is_found_and_listed(path: Path, notes: Path) -> None:
    corpus = Corpus(path, now=lambda: 1_700_000_000.5)
    reports = await corpus.add([notes])
    assert outcomes(reports) == {"harbour.txt": FileOutcome.ADDED, "school.md": FileOutcome.ADDED}
    (passage, *_) = await corpus.retrieve("When was the harbour rebuilt?", 5)
    assert passage.text == "The harbour of Kalvo was rebuilt in 1903."
    assert (passage.kind, passage.title, passage.start) == (SourceKind.CORPUS, "harbour.txt", 0)
    assert passage.link.startswith("touchstone://corpus/")
    harbour, school = await corpus.list()
    assert (harbour.name, school.name) == (str(notes / "harbour.txt"), str(notes / "school.md"))
    assert (harbour.media_type, harbour.characters, harbour.added_at) == ("text/plain", 41, 1_700_000_000)


async def test_the_place_of_a_passage_in_its_file_is_exact(path: Path, notes: Path) -> None:
    text = "".join(f"Boat number {number} belongs to family {number}. " for number in range(500))
    (notes / "boats.txt").write_text(text)
    corpus = Corpus(path)
    await corpus.add([notes / "boats.txt"])
    passages = await corpus.search("boat 333", 5)
    assert "Boat number 333 belongs" in passages[0].text
    assert all(text[found.start : found.start + len(found.text)] == found.text for found in passages)
    assert len({found.id for found in passages}) == 5


async def test_progress_is_told_after_each_file(path: Path, notes: Path) -> None:
    told: list[FileReport] = []
    assert await Corpus(path).add([notes], told.append) == told
    assert len(told) == 2


async def test_a_file_that_did_not_change_is_left_as_it_is(path: Path, notes: Path) -> None:
    corpus = Corpus(path, now=lambda: 1.0)
    await corpus.add([notes])
    again = Corpus(path, now=lambda: 2.0)
    assert set(outcomes(await again.add([notes])).values()) == {FileOutcome.UNCHANGED}
    assert {document.added_at for document in await again.list()} == {1}


async def test_a_file_that_changed_replaces_what_was_there(path: Path, notes: Path) -> None:
    corpus = Corpus(path)
    await corpus.add([notes])
    (notes / "harbour.txt").write_text("The harbour was moved to Ostrand.")
    assert outcomes(await corpus.add([notes]))["harbour.txt"] is FileOutcome.REPLACED
    assert await texts(corpus, "harbour rebuilt 1903") == ["The harbour was moved to Ostrand."]
    assert len(await corpus.list()) == 2


async def test_a_removed_file_is_found_no_more(path: Path, notes: Path) -> None:
    corpus = Corpus(path)
    await corpus.add([notes])
    (notes / "harbour.txt").unlink()
    assert await corpus.remove(str(notes / "harbour.txt"))
    assert not await corpus.remove(str(notes / "harbour.txt"))
    assert await texts(corpus, "harbour") == []
    assert len(await corpus.list()) == 1


async def test_a_file_can_be_removed_by_a_relative_name(
    path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = Corpus(path)
    await corpus.add([notes])
    monkeypatch.chdir(notes)
    assert await corpus.remove("school.md")


async def test_a_file_that_cannot_be_read_is_reported_and_the_others_go_on(path: Path, notes: Path) -> None:
    (notes / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (notes / "empty.txt").write_text("")
    (notes / "photo.jpg").write_bytes(b"\xff")
    reports = await Corpus(path).add([notes, notes / "gone.txt"])
    assert outcomes(reports) == {
        "broken.pdf": FileOutcome.FAILED,
        "empty.txt": FileOutcome.FAILED,
        "gone.txt": FileOutcome.FAILED,
        "harbour.txt": FileOutcome.ADDED,
        "photo.jpg": FileOutcome.LEFT_OUT,
        "school.md": FileOutcome.ADDED,
    }
    assert all(report.reason for report in reports if report.outcome in (FileOutcome.FAILED, FileOutcome.LEFT_OUT))


async def test_reading_a_corpus_that_is_not_there_finds_nothing_and_makes_no_file(path: Path) -> None:
    corpus = Corpus(path)
    assert await corpus.search("harbour", 5) == []
    assert await corpus.list() == []
    assert not await corpus.remove("harbour.txt")
    assert not path.parent.exists()


async def test_an_empty_file_is_an_empty_corpus(path: Path, notes: Path) -> None:
    make_file(path)
    assert await Corpus(path).search("harbour", 5) == []
    await Corpus(path).add([notes])
    assert len(await Corpus(path).list()) == 2


async def test_reading_leaves_only_the_one_file_behind(path: Path, notes: Path) -> None:
    await Corpus(path).add([notes])
    await Corpus(path).search("harbour", 5)
    assert [file.name for file in path.parent.iterdir()] == ["corpus.db"]


@pytest.mark.parametrize(
    "damage", [b"this is no database at all, only a text that is long enough" * 20, b"SQLite format 3\0"]
)
async def test_a_file_that_is_no_corpus_says_what_to_do(path: Path, notes: Path, damage: bytes) -> None:
    make_file(path, damage)
    for use in (Corpus(path).search("harbour", 5), Corpus(path).list(), Corpus(path).add([notes])):
        with pytest.raises(CorpusUnreadable, match="Move the file away and add your files again") as raised:
            await use
        assert str(path) in raised.value.message


async def test_a_file_that_was_overwritten_in_the_middle_says_what_to_do(path: Path, notes: Path) -> None:
    (notes / "long.txt").write_text("The harbour is long. " * 20_000)
    await Corpus(path).add([notes])
    overwrite_from(path, 4096)
    with pytest.raises(CorpusUnreadable, match="damaged"):
        await Corpus(path).search("harbour", 5)


async def test_the_database_of_another_program_is_not_touched(path: Path, notes: Path) -> None:
    before = database_of_another_program(path)
    with pytest.raises(CorpusUnreadable, match="another program"):
        await Corpus(path).add([notes])
    assert await asyncio.to_thread(path.read_bytes) == before


async def test_a_corpus_of_a_newer_version_is_refused(path: Path, notes: Path) -> None:
    await Corpus(path).add([notes])
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    for use in (Corpus(path).search("harbour", 5), Corpus(path).add([notes / "school.md"])):
        with pytest.raises(CorpusUnreadable, match="newer version"):
            await use


async def test_a_folder_in_the_place_of_the_corpus_is_an_error(tmp_path: Path, notes: Path) -> None:
    for use in (Corpus(tmp_path).search("harbour", 5), Corpus(tmp_path).add([notes])):
        with pytest.raises(CorpusUnreadable, match="cannot be opened"):
            await use


async def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, notes: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CorpusUnreadable, match="cannot be used"):
        await Corpus(tmp_path / "file" / "corpus.db").add([notes])


async def test_a_corpus_that_another_process_writes_can_be_read_and_makes_a_writer_wait(
    path: Path, notes: Path
) -> None:
    await Corpus(path).add([notes / "school.md"])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await texts(Corpus(path), "school") != []
    with pytest.raises(CorpusUnreadable, match=r"another process\. Try again"):
        await Corpus(path, wait_s=0.01).add([notes / "harbour.txt"])
    adding = asyncio.create_task(Corpus(path, wait_s=LIMIT_S).add([notes / "harbour.txt"]))
    await asyncio.wait([adding], timeout=0.05)
    assert not adding.done()
    other.execute("ROLLBACK")
    other.close()
    assert outcomes(await adding) == {"harbour.txt": FileOutcome.ADDED}


@pytest.mark.process
async def test_a_crash_in_the_middle_leaves_the_state_before(path: Path, notes: Path) -> None:
    corpus = Corpus(path)
    await corpus.add([notes])
    before = await corpus.list()
    crashed = await asyncio.to_thread(run_program, CRASH, path, notes / "harbour.txt")
    assert (crashed.returncode, crashed.stdout) == (-signal.SIGKILL, "half way\n")
    assert await corpus.list() == before
    assert await texts(corpus, "harbour") == ["The harbour of Kalvo was rebuilt in 1903."]
    assert set(outcomes(await corpus.add([notes])).values()) == {FileOutcome.UNCHANGED}


@pytest.mark.process
async def test_a_disk_without_space_leaves_the_state_before(path: Path, notes: Path) -> None:
    corpus = Corpus(path)
    await corpus.add([notes])
    before = await corpus.list()
    (notes / "zz.txt").write_text("".join(f"Line {number} about the weather. " for number in range(30_000)))
    ended = await asyncio.to_thread(run_program, ADD_MUCH, path, notes)
    assert str(path) in ended.stdout
    assert "disk" in ended.stdout
    assert await corpus.list() == before
    assert await texts(corpus, "weather") == []
    assert outcomes(await corpus.add([notes]))["zz.txt"] is FileOutcome.ADDED


@pytest.mark.process
async def test_processes_that_add_to_a_new_corpus_at_once_lose_nothing(path: Path, notes: Path) -> None:
    for number in range(40):
        (notes / f"{number}.txt").write_text(f"Boat number {number} is blue.")
    halves = [[str(notes / f"{number}.txt") for number in range(first, first + 25)] for first in (0, 15)]
    running = (asyncio.to_thread(run_program, ADD_ALL, path, *names) for names in (*halves, *halves))
    for ended in await asyncio.gather(*running):
        assert (ended.returncode, ended.stderr) == (0, "")
    corpus = Corpus(path)
    assert len(await corpus.list()) == 40
    assert len(await corpus.search("blue boat", 100)) == 40


async def test_threads_that_add_to_a_new_corpus_at_once_lose_nothing(path: Path, notes: Path) -> None:
    for number in range(20):
        (notes / f"{number}.txt").write_text(f"Boat number {number} is blue.")
    await asyncio.gather(*(Corpus(path).add([notes / f"{number}.txt"]) for number in range(20)))
    assert len(await Corpus(path).search("blue boat", 100)) == 20


async def test_a_corpus_on_a_read_only_disk_can_be_searched(
    path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Corpus(path).add([notes])
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert await texts(Corpus(path), "harbour") != []
    assert [file.name for file in path.parent.iterdir()] == ["corpus.db"]


async def test_a_file_name_that_is_no_text_is_stored_and_removed_all_the_same(path: Path, tmp_path: Path) -> None:
    name = os.fsdecode(bytes(tmp_path) + b"/caf\xe9.txt")
    make_file(Path(name), b"Coffee costs two crowns.")
    corpus = Corpus(path)
    (report,) = await corpus.add([Path(name)])
    assert (report.outcome, Path(report.name).name) == (FileOutcome.ADDED, "caf\\udce9.txt")
    assert await texts(corpus, "coffee") == ["Coffee costs two crowns."]
    assert await corpus.remove(name)
