"""Which files are added when a person names files and folders."""

from pathlib import Path

import pytest

from inference.evidence import corpus_files
from inference.evidence.corpus_files import FoundFile, find_files


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("text")
    return path


def test_a_folder_is_walked_to_its_depths_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/z.txt", "b/c/d.md", "a.txt", "z.html"):
        write(tmp_path / name)
    found = [str(file.path.relative_to(tmp_path)) for file in find_files([tmp_path])]
    assert found == ["a.txt", "b/c/d.md", "b/z.txt", "z.html"]


def test_what_is_left_out_is_named_with_the_reason(tmp_path: Path) -> None:
    for name in (".hidden.txt", ".git/config.txt", "photo.jpg", "notes.txt"):
        write(tmp_path / name)
    (tmp_path / "link.txt").symlink_to(tmp_path / "notes.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    reasons = {file.path.name: file.left_out.partition(";")[0][:24] for file in find_files([tmp_path])}
    assert reasons == {
        ".git": "hidden",
        ".hidden.txt": "hidden",
        "link.txt": "a link",
        "loop": "a link",
        "notes.txt": "",
        "photo.jpg": "files of this type are n",
    }


def test_a_file_that_is_named_itself_is_taken_even_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(write(tmp_path / "notes.txt"))
    (found,) = find_files([tmp_path / "link"])
    assert found == FoundFile(tmp_path / "notes.txt")


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    (found,) = find_files([tmp_path / "gone.txt"])
    assert found.problem == "there is no such file"


def test_a_link_to_itself_is_reported(tmp_path: Path) -> None:
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (found,) = find_files([tmp_path / "loop.txt"])
    assert found.problem == "there is no such file"


def test_a_walk_stops_at_its_limit_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_files, "WALK_ENTRIES_MAX", 3)
    for number in range(5):
        write(tmp_path / f"{number}.txt")
    found = list(find_files([tmp_path]))
    assert [file.left_out for file in found[:3]] == ["", "", ""]
    assert found[3].problem.startswith("more than 3 files")
    assert len(found) == 4


def test_a_file_of_another_type_that_is_named_itself_is_a_failure(tmp_path: Path) -> None:
    (found,) = find_files([write(tmp_path / "photo.jpg")])
    assert found.problem.startswith("files of this type are not read")
