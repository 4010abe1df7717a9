"""A disk without room: what has to write says so and changes nothing, the rest goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import RunningServer

from tests.robustness.command_line import touchstone, touchstone_here
from tests.robustness.small_disk import data_folder_on, small_disk
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

VERIFY = "/v1/verify/reliability"
WITH_DOCUMENT = {"prompt": "When?", "output": "It opened in 1937.", "context": "The bridge opened in 1937."}
GENERAL = {"prompt": "When was the Marlow bridge opened?", "output": "The Marlow bridge was opened in 1937."}
DISK_KIB = 512
FILE_KIB_MAX = 24  # less than the smallest corpus file


Start = Callable[..., RunningServer]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with one small file to add."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "bridge.txt").write_text("The Marlow bridge was opened in 1937.")
    return folder


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of half a megabyte. Skips where none may be mounted."""
    with small_disk(tmp_path, DISK_KIB) as folder:
        yield folder


@pytest.fixture
def data(disk: Path, tmp_path: Path) -> Path:
    return data_folder_on(disk, tmp_path)


def fill(disk: Path) -> Path:
    """Leaves no byte free on `disk`. Gives the file that takes the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 1024):
                pass
        except OSError:
            return filler


def test_where_nothing_can_be_written_corpus_add_says_so_and_leaves_no_half_a_corpus(
    tmp_path: Path, files: Path
) -> None:
    done = touchstone(tmp_path / "data", "corpus", "add", str(files), file_kib_max=FILE_KIB_MAX)
    assert done.returncode == 2
    assert str(tmp_path / "data" / "corpus.sqlite3") in done.stderr
    assert "Check the disk and its free space" in done.stderr or "Free some space" in done.stderr
    assert "Traceback" not in done.stderr
    assert "The corpus is empty" in touchstone_here(tmp_path / "data", "corpus", "list").stdout
    assert touchstone_here(tmp_path / "data", "corpus", "add", str(files)).exit_code == 0


def test_a_file_that_no_longer_fits_leaves_the_corpus_as_it_was(tmp_path: Path, files: Path) -> None:
    assert touchstone_here(tmp_path / "data", "corpus", "add", str(files)).exit_code == 0
    before = touchstone_here(tmp_path / "data", "corpus", "list", "--json").stdout
    large = tmp_path / "large.txt"
    large.write_text("".join(f"The bridge over river number {number} is long. " for number in range(20_000)))
    done = touchstone(tmp_path / "data", "corpus", "add", str(large), file_kib_max=256)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert touchstone_here(tmp_path / "data", "corpus", "list", "--json").stdout == before


def test_on_a_full_disk_the_server_starts_and_verifies(disk: Path, data: Path, start_server: Start) -> None:
    filler = fill(disk)
    server = start_server(data_dir=data)
    with server.client() as client:
        assert client.get("/ready").status_code == 200
        assert client.post(VERIFY, json=WITH_DOCUMENT).json()["verdict"] == "supported"
        assert client.post(VERIFY, json=GENERAL).status_code == 200
        for path in ("/v1/files", "/v1/batches"):
            error = client.get(path)
            assert (error.status_code, error.json()["error"]["code"]) == (503, "store_unavailable")
        filler.unlink()
        wait_until(lambda: client.get("/v1/files").status_code == 200, "the database is made where there is room")
        assert client.get("/v1/batches").json()["data"] == []
    assert "Traceback" not in server.log()


def test_when_the_disk_fills_up_under_a_corpus_nothing_is_lost(
    disk: Path, data: Path, files: Path, start_server: Start
) -> None:
    assert touchstone_here(data, "corpus", "add", str(files)).exit_code == 0
    filler = fill(disk)
    (files / "second.txt").write_text("The Marlow bridge was painted in 1950.")
    refused = touchstone_here(data, "corpus", "add", str(files))
    assert refused.exit_code == 2
    assert str(data / "corpus.sqlite3") in refused.stderr
    assert "space" in refused.stderr
    server = start_server(data_dir=data)
    with server.client() as client:
        assert client.post(VERIFY, json=WITH_DOCUMENT).json()["verdict"] == "supported"
        general = client.post(VERIFY, json=GENERAL)
        if general.status_code != 200:  # an error that says what to do, or a verdict, but no guess
            error = general.json()["error"]
            assert (general.status_code, error["code"]) == (503, "corpus_unreadable")
            assert "space" in error["message"]
        filler.unlink()
        assert client.post(VERIFY, json=GENERAL).json()["verdict"] == "supported"
    assert touchstone_here(data, "corpus", "add", str(files)).exit_code == 0


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path, files: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = touchstone_here(tmp_path / "file" / "data", "corpus", "add", str(files))
    assert done.exit_code == 2
    assert str(tmp_path / "file" / "data") in done.stderr
    assert "Traceback" not in done.stderr
