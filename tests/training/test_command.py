"""`make eval` from end to end, on a tiny data folder, against real servers."""

import http.server
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import REPOSITORY, RunningServer

from tests.training.labelled import fields, write
from training.evaluation.__main__ import main

TIMEOUT_S = 120
COMMAND = (sys.executable, "-m", "training.evaluation")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A set with documents, one without, and something to teach the baselines."""
    folder = tmp_path / "data"
    for name in ("dev", "train"):
        write(
            folder / name / "towers.jsonl.gz",
            fields(id="right", label3="supported", subset="old"),
            fields(id="rome", response="The tower is in Rome.", label=True, label3="refuted", subset="old"),
            fields(id="nothing", response="Happy to help!", subset="new"),
        )
    write(folder / "dev" / "closed.jsonl.gz", fields(id="closed", document=None))
    return folder


@pytest.fixture
def wrong_server() -> Iterator[str]:
    """A server that answers 200 with what is no verification."""

    class Wrong(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Wrong) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.mark.process
def test_the_command_starts_a_server_and_reports_on_every_set(data: Path, tmp_path: Path) -> None:
    markdown, figures = tmp_path / "table.md", tmp_path / "figures.json"
    ran = subprocess.run(
        [*COMMAND, "--data", data, "--serve-args=--passages-per-claim 3", "--markdown", markdown, "--json", figures],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(figures.read_text())
    assert list(said["sets"]) == ["closed", "towers", "towers/new", "towers/old"]
    towers = said["sets"]["towers"]
    assert (towers["n"], towers["failed"], towers["no_score"]) == (3, 0, 1)
    assert towers["nothing_to_check"] == pytest.approx(1 / 3)
    assert (towers["judge"]["balanced_accuracy"], towers["three_way"]) == (1.0, 1.0)
    assert towers["p50_ms"] > 0
    assert towers["baselines"]["claim-only"]["auroc"] is not None
    assert f"Judge {said['judge']}" in ran.stdout
    assert "| towers |" in markdown.read_text()


def test_a_running_server_can_be_asked(data: Path, running_server: RunningServer, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    arguments = ["--data", str(data), "--url", running_server.url, "--sets", "towers", "--limit", "2"]
    assert main([*arguments, "--concurrency", "1", "--json", str(figures)]) == 0
    said = json.loads(figures.read_text())
    assert said["sets"]["towers"]["n"] == 2
    assert "closed" not in said["sets"]


def test_a_refused_request_fails_the_run_and_is_no_verdict(
    data: Path, running_server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    write(data / "dev" / "bad.jsonl.gz", fields(id="ok"), fields(id="blank", response=" "))
    assert main(["--data", str(data), "--url", running_server.url, "--sets", "bad"]) == 1
    shown = capsys.readouterr()
    assert "failed 1 times: HTTP 4" in shown.err
    assert re.search(r"^bad +1 ", shown.out, re.MULTILINE)  # n counts the one answer


def test_an_answer_that_is_no_verification_fails_the_run(
    data: Path, wrong_server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--url", wrong_server, "--sets", "towers"]) == 1
    assert "failed 3 times: no verification" in capsys.readouterr().err


def test_no_server_at_all_fails_the_run(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(data), "--url", "http://127.0.0.1:1", "--sets", "closed"]) == 1
    assert "failed 1 times: no answer" in capsys.readouterr().err


def test_without_data_the_command_says_so_and_is_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "absent")]) == 0
    assert "no labelled data" in capsys.readouterr().out


def test_an_unknown_set_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(data), "--sets", "towers,spires"]) == 2
    assert "spires" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--limit", "-1"], ["--limit", "few"], ["--concurrency", "0"]])
def test_a_number_that_makes_no_sense_is_refused(wrong: list[str], data: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--data", str(data), *wrong])
    assert stopped.value.code == 2
