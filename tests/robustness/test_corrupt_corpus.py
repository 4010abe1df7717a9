"""A corpus file that is broken: said by name with what to do, never taken for an empty one; what needs none goes on."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import ClientOf
from starlette.testclient import TestClient

from server.settings import Settings
from tests.robustness.command_line import touchstone_here

VERIFY = "/v1/verify/reliability"
GENERAL = {"prompt": "When was the Marlow bridge opened?", "output": "The Marlow bridge was opened in 1937."}
WITH_DOCUMENT = GENERAL | {"context": "The Marlow bridge was opened in 1937."}


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)  # noqa: S311  the same on every run, and no secret


def random_bytes(file: Path) -> None:
    file.write_bytes(noise(20_000))


def truncated(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def overwritten_inside(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[4096:] = noise(len(whole) - 4096)
    file.write_bytes(whole)


def another_programs(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


FAULTS = [random_bytes, truncated, overwritten_inside, another_programs, a_folder]


@pytest.fixture(scope="module")
def good_corpus(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real corpus file with a few documents, made by the command line."""
    folder = tmp_path_factory.mktemp("good")
    for number in range(40):
        (folder / f"bridge{number}.txt").write_text(
            f"The Marlow bridge number {number} was opened in {1900 + number}. " * 40
        )
    done = touchstone_here(folder / "data", "corpus", "add", str(folder))
    assert done.exit_code == 0, done.stderr
    return (folder / "data" / "corpus.sqlite3").read_bytes()


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def broken(request: pytest.FixtureRequest, tmp_path: Path, good_corpus: bytes) -> Path:
    """The path of a corpus file that is broken in one of the ways."""
    file = tmp_path / "data" / "corpus.sqlite3"
    file.parent.mkdir()
    file.write_bytes(good_corpus)
    break_it: Callable[[Path], None] = request.param
    break_it(file)
    return file


def client_over(client_of: ClientOf, file: Path) -> TestClient:
    return client_of(Settings(data_dir=file.parent, web_search=False))


def test_a_question_without_a_document_answers_503_and_names_the_file(client_of: ClientOf, broken: Path) -> None:
    answer = client_over(client_of, broken).post(VERIFY, json=GENERAL)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (503, "evidence_error", "corpus_unreadable")
    assert str(broken) in error["message"]
    assert any(
        advice in error["message"] for advice in ("Move the file away", "Choose another", "Check that it is a file")
    )


def test_a_stream_answers_with_the_same_error_and_no_verdict(client_of: ClientOf, broken: Path) -> None:
    text = client_over(client_of, broken).post(VERIFY, json=GENERAL | {"stream": True}).text
    assert "corpus_unreadable" in text
    assert "event: verdict" not in text


def test_over_mcp_it_is_an_error_result_that_says_there_is_no_verdict(client_of: ClientOf, broken: Path) -> None:
    arguments = {"prompt": GENERAL["prompt"], "response": GENERAL["output"]}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "verify", "arguments": arguments}}
    result = (
        client_over(client_of, broken)
        .post("/v1/mcp", json=call, headers={"accept": "application/json"})
        .json()["result"]
    )
    assert result["isError"]
    assert result["content"][0]["text"].startswith("corpus_unreadable: ")
    assert "No verdict was reached" in result["content"][0]["text"]


def test_a_given_document_is_judged_all_the_same(client_of: ClientOf, broken: Path) -> None:
    client = client_over(client_of, broken)
    assert client.post(VERIFY, json=WITH_DOCUMENT).json()["verdict"] == "supported"
    assert client.get("/health").status_code == 200


def test_ready_says_so(client_of: ClientOf, broken: Path) -> None:
    answer = client_over(client_of, broken).get("/ready")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "corpus_unreadable")
    assert str(broken) in answer.json()["error"]["message"]


def test_once_the_file_is_moved_away_the_same_server_works_again(client_of: ClientOf, broken: Path) -> None:
    client = client_over(client_of, broken)
    assert client.post(VERIFY, json=GENERAL).status_code == 503
    broken.rename(broken.with_name("moved-away"))
    assert client.post(VERIFY, json=GENERAL).status_code == 200
    assert client.get("/ready").status_code == 200


@pytest.mark.parametrize("command", [["list"], ["add", "NEW"], ["remove", "bridge1.txt"], ["search", "Marlow"]])
def test_the_command_line_ends_with_2_and_the_message(tmp_path: Path, good_corpus: bytes, command: list[str]) -> None:
    file = tmp_path / "data" / "corpus.sqlite3"
    file.parent.mkdir()
    file.write_bytes(good_corpus)
    truncated(file)
    broken_bytes = file.read_bytes()
    new = tmp_path / "new.txt"
    new.write_text("The Marlow bridge was opened in 1937.")
    done = touchstone_here(file.parent, "corpus", *[str(new) if word == "NEW" else word for word in command])
    assert (done.exit_code, done.stdout) == (2, "")
    assert str(file) in done.stderr
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == broken_bytes
