"""`touchstone batch`, as a person runs it: whole files, and processes that are stopped in the middle."""

import contextlib
import csv
import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import REPOSITORY, RunningServer, RunningUpstream
from typer.testing import CliRunner, Result

from inference.batches.batch import Batch, Endpoint, Status
from server.cli import app
from server.cli.batch.bar import counts_text
from server.cli.batch.meter import Meter, clock_text

RUN_TIMEOUT_S = 120.0
LINES, ABREAST = 24, 4
SHARED = 2_500  # several shards: what a server may take, it takes
PARIS, ROME, THANKS = "The Eiffel Tower is in Paris.", "The Eiffel Tower is in Rome.", "Happy to help!"
WHERE = "Where is the Eiffel Tower?"


class Shell:
    """Calls `touchstone batch` in one data folder: in this process, or, where it is stopped, in one of its own."""

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "server.cli", "batch", *map(str, arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=REPOSITORY, stdout=pipe, stderr=pipe, text=True, encoding="utf-8")

    def __call__(self, *arguments: str | Path) -> Result:
        done = CliRunner().invoke(app, ["batch", *map(str, arguments)])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    def json(self, *arguments: str | Path) -> Any:
        done = self(*arguments, "--json")
        assert done.exit_code in (0, 1), done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in os.environ:
        if name.startswith("TOUCHSTONE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TOUCHSTONE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TOUCHSTONE_WEB_SEARCH", "false")
    return Shell()


def rows(path: Path, *found: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in found))
    return path


def results_of(path: Path) -> dict[str, Any]:
    lines = [json.loads(line) for line in path.with_name(path.name + ".results.jsonl").read_text().splitlines()]
    found = {line["custom_id"]: line["response"]["body"] for line in lines}
    assert len(found) == len(lines)
    return found


def chat_line(number: int, model: str = "echo") -> dict[str, Any]:
    body = {"model": model, "messages": [{"role": "user", "content": f"Question {number}"}]}
    return {"custom_id": f"c{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}


def test_answers_in_jsonl_are_verified_and_what_fails_is_named(shell: Shell, tmp_path: Path) -> None:
    file = rows(
        tmp_path / "answers.jsonl",
        {"id": "paris", "question": WHERE, "answer": PARIS},
        {"id": "rome", "prompt": WHERE, "output": ROME},
        {"prompt": WHERE, "response": THANKS},
        {
            "id": "invoice",
            "prompt": "Total?",
            "output": "The total is 5 GBP.",
            "contexts": ["Date: May.", "Total: 7 GBP."],
        },
    )
    done = shell("run", file, "--verify")
    assert done.exit_code == 1, done.stderr
    assert "rome" in done.stdout
    assert "2  refuted" in done.stdout
    found = results_of(file)
    verdicts = {name: body["verdict"] for name, body in found.items()}
    assert verdicts == {"paris": "supported", "rome": "refuted", "line-3": "nothing_to_check", "invoice": "refuted"}
    assert not file.with_name(file.name + ".errors.jsonl").exists()


def test_a_run_sweeps_away_what_earlier_runs_kept_for_long_enough(shell: Shell, tmp_path: Path) -> None:
    first = rows(tmp_path / "first.jsonl", {"prompt": WHERE, "output": PARIS})
    assert shell("run", first, "--verify").exit_code == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "store.sqlite3", isolation_level=None)) as store:
        kept = store.execute("UPDATE files SET expires_at = created_at").rowcount
        assert kept == 2, "input and output"
        second = rows(tmp_path / "second.jsonl", {"prompt": WHERE, "output": PARIS, "id": "again"})
        assert shell("run", second, "--verify").exit_code == 0
        assert store.execute("SELECT count(*) FROM files WHERE expires_at = created_at").fetchone() == (0,)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_answers_in_csv_are_verified_and_all_fine_exits_0(shell: Shell, tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "answers.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as target:
        writer = csv.writer(target, delimiter=delimiter)
        writer.writerow(["Question", "Answer", "Context"])
        writer.writerow([WHERE, PARIS, ""])
        writer.writerow(["What is the\ntotal?", 'The total is "7" GBP.', 'Total: "7" GBP, due in May.'])
    done = shell("run", file, "--verify", "--output", tmp_path / "out.jsonl")
    assert done.exit_code == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {line["custom_id"] for line in lines} == {"row-1", "row-2"}
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize(
    ("name", "content", "flags", "said"),
    [
        (
            "a.jsonl",
            '{"prompt": "p", "output": "o"}\nno json\n{"prompt": "p"}\n',
            ["--verify"],
            ["line 2: no JSON", "line 3"],
        ),
        ("a.jsonl", '{"prompt": "p", "output": 7}\n', ["--verify"], ["line 1: an answer that is no text"]),
        ("a.csv", "prompt,text\na,b\n", ["--verify"], ["row 1", "output or response or answer", "prompt, text"]),
        ("a.csv", "prompt,output\na,b,c\n", ["--verify"], ["row 1: more fields"]),
        ("a.csv", "prompt,output, Output\na,b,c\n", ["--verify"], ["line 1: two columns are called output"]),
        ("a.jsonl", '{"prompt": "p", "output": "o"}\n', [], ["add --verify"]),
        ("a.csv", "prompt,output\na,b\n", [], ["add --verify"]),
        ("a.jsonl", "", [], ["is empty"]),
        ("a.jsonl", "", ["--verify"], ["no request"]),
        ("a.jsonl", json.dumps(chat_line(1)) + "\n", ["--window", "soon"], ["completion_window"]),
        ("a.jsonl", json.dumps(chat_line(1)) + "\n", ["--endpoint", "/v1/audio"], ["/v1/audio"]),
        ("a.jsonl", json.dumps(chat_line(1)) + "\n" + json.dumps(chat_line(1)), [], ["line 2", "custom_id"]),
    ],
)
def test_a_broken_file_exits_2_and_says_where(
    shell: Shell, tmp_path: Path, name: str, content: str, flags: list[str], said: list[str]
) -> None:
    file = tmp_path / name
    file.write_text(content)
    done = shell("run", file, *flags)
    assert done.exit_code == 2, done.stdout
    for words in said:
        assert words in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".results.jsonl")] == []


def test_columns_that_are_not_read_are_named(shell: Shell, tmp_path: Path) -> None:
    asked = {"prompt": "Total?", "output": "The total is 5 GBP.", "documentContent": "Total: 5 GBP.", "response": "x"}
    done = shell("run", rows(tmp_path / "a.jsonl", asked | {"source": "till"}), "--verify")
    assert done.exit_code == 0, done.stderr
    assert "Of each row are read: prompt, output, documentContent. Not read: response, source." in done.stderr
    del asked["response"]
    done = shell("run", rows(tmp_path / "b.jsonl", asked), "--verify")
    assert (done.exit_code, "Not read" in done.stderr) == (0, False)


def test_a_mark_at_the_beginning_of_jsonl_is_passed_over(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "marked.jsonl"
    row = json.dumps({"id": "é", "prompt": "Total?", "output": "It is 5 GBP.", "context": "It is 5 GBP."})
    file.write_text(row + "\n", encoding="utf-8-sig")
    done = shell("run", file, "--verify")
    assert (done.exit_code, list(results_of(file))) == (0, ["é"]), done.stderr


def test_a_table_in_another_encoding_is_told_to_be_saved_anew(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_bytes("prompt,output\nOù?,À Paris.\n".encode("cp1252"))
    done = shell("run", file, "--verify")
    assert done.exit_code == 2
    assert "no UTF-8; save the file as such" in done.stderr


@pytest.mark.parametrize("flags", [(), ("--verify",)])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(b"{}", mtime=0), "is compressed with gzip, which is not read here: unpack it first (gunzip)"),
        (b"PAR1\x15\x04", "is a Parquet file, which is not read here: save its rows as JSON Lines"),
        ("prompt;output".encode("utf-16"), "is text in UTF-16, which is not read here: save it as UTF-8"),
    ],
)
def test_a_file_of_another_kind_exits_2_and_is_named(
    shell: Shell, tmp_path: Path, content: bytes, said: str, flags: tuple[str, ...]
) -> None:
    file = tmp_path / "answers.csv"
    file.write_bytes(content)
    done = shell("run", file, *flags)
    assert (done.exit_code, f"answers.csv {said}" in done.stderr) == (2, True), done.stderr


def test_a_missing_file_and_a_place_that_takes_no_results_exit_2(shell: Shell, tmp_path: Path) -> None:
    assert "no such file" in shell("run", tmp_path / "gone.jsonl", "--verify").stderr
    assert "is a folder" in shell("run", tmp_path).stderr
    file = rows(tmp_path / "a.jsonl", {"prompt": WHERE, "output": PARIS})
    done = shell("run", file, "--verify", "--output", tmp_path / "nowhere" / "out.jsonl")
    assert (done.exit_code, "--output" in done.stderr) == (2, True)


def test_results_never_take_the_place_of_the_input_or_of_what_is_no_file(shell: Shell, tmp_path: Path) -> None:
    file = rows(tmp_path / "all.errors.jsonl", {"prompt": WHERE, "output": PARIS})
    before = file.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(file)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    # The last one's failed lines would go to all.errors.jsonl.
    for name in ("all.errors.jsonl", "link.jsonl", "folder", "pipe", "all.jsonl"):
        done = shell("run", file, "--verify", "--output", tmp_path / name)
        assert (done.exit_code, "--output" in done.stderr) == (2, True), name
    for output in (tmp_path / "folder", "/", "/dev/null"):
        done = shell("results", "batch_0", "--output", output)
        assert (done.exit_code, "name a file" in done.stderr) == (2, True), output
    assert file.read_bytes() == before
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.process
@pytest.mark.timeout(180)  # several processes, one after the other
def test_ctrl_c_keeps_what_is_done_and_the_same_command_asks_nothing_twice(
    shell: Shell, tmp_path: Path, own_upstream: RunningUpstream
) -> None:
    names = {f"Question {number}" for number in range(LINES)}
    file = rows(tmp_path / "requests.jsonl", *some_answered_lines())
    command = ("run", file, "--engine-url", own_upstream.url, "--batch-lines-running-max", str(ABREAST))
    first = shell.start(*command)
    wait_until(lambda: len(asked(own_upstream)) == 2 * ABREAST, first)  # so ABREAST were answered
    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=RUN_TIMEOUT_S)
    assert (first.returncode, out) == (130, ""), err
    assert "The same command goes on from there" in err
    assert not file.with_name(file.name + ".results.jsonl").exists()

    batch = shell.json("status")
    assert batch["status"] == "in_progress"
    kept = [json.loads(line) for line in shell("results", batch["id"]).stdout.splitlines()]
    assert len(kept) == batch["request_counts"]["completed"] == ABREAST

    so_far = len(asked(own_upstream))
    own_upstream.speak()
    second = shell.json(*command)
    assert (second["batch"]["id"], second["batch"]["status"]) == (batch["id"], "completed")
    assert len(results_of(file)) == second["answered"] == LINES
    assert set(asked(own_upstream)) == names
    answered = {line["response"]["body"]["choices"][0]["message"]["content"] for line in kept}
    assert answered.isdisjoint(asked(own_upstream)[so_far:])

    so_far = len(asked(own_upstream))
    file.with_name(file.name + ".results.jsonl").unlink()
    third = shell.json(*command)
    assert (third["batch"]["id"], len(results_of(file))) == (batch["id"], LINES)
    assert len(asked(own_upstream)) == so_far  # it is finished


def test_a_finished_file_is_run_anew_only_with_again_and_failed_lines_stand_apart(
    shell: Shell, tmp_path: Path, upstream: RunningUpstream
) -> None:
    file = rows(tmp_path / "requests.jsonl", chat_line(1), chat_line(2, "narrow"))
    command = ("run", file, "--engine-url", upstream.url)
    first = shell(*command, "--json")
    assert first.exit_code == 1, first.stderr
    assert set(results_of(file)) == {"c1"}
    errors = file.with_name(file.name + ".errors.jsonl")
    assert [json.loads(line)["custom_id"] for line in errors.read_text().splitlines()] == ["c2"]
    anew = shell.json(*command, "--again")
    assert anew["batch"]["id"] != json.loads(first.stdout)["batch"]["id"]
    assert shell.json("list")[0]["id"] == anew["batch"]["id"]
    said = shell("results", anew["batch"]["id"], "--failing", "--slim").stdout
    assert [json.loads(line)["custom_id"] for line in said.splitlines()] == ["c2"]
    done = shell("results", anew["batch"]["id"], "--output", tmp_path / "again.jsonl")
    assert done.exit_code == 0, done.stderr
    assert "c1" in (tmp_path / "again.jsonl").read_text()
    assert "c2" in (tmp_path / "again.errors.jsonl").read_text()
    assert shell("cancel", anew["batch"]["id"]).exit_code == 2  # it has ended


@pytest.mark.process
def test_a_batch_is_cancelled_from_another_terminal(
    shell: Shell, tmp_path: Path, own_upstream: RunningUpstream
) -> None:
    file = rows(tmp_path / "requests.jsonl", *some_answered_lines())
    running = shell.start(
        "run", file, "--engine-url", own_upstream.url, "--batch-lines-running-max", str(ABREAST), "--json"
    )
    wait_until(lambda: len(asked(own_upstream)) == 2 * ABREAST, running)
    found = shell.json("cancel", shell.json("status")["id"])["status"]
    assert found in (
        "cancelling",
        "cancelled",
    )  # the latter once what is silent had its time, which a slow machine takes
    running.send_signal(signal.SIGINT)  # what is silent would be waited for until the engine's time is up
    running.communicate(timeout=RUN_TIMEOUT_S)
    assert shell.json("status")["request_counts"]["completed"] == ABREAST


@pytest.mark.process
def test_a_batch_that_nobody_works_on_is_cancelled_to_its_end(
    shell: Shell, tmp_path: Path, own_upstream: RunningUpstream
) -> None:
    file = rows(tmp_path / "requests.jsonl", *some_answered_lines())
    running = shell.start("run", file, "--engine-url", own_upstream.url, "--batch-lines-running-max", "1")
    wait_until(lambda: len(asked(own_upstream)) == ABREAST + 1, running)
    running.kill()
    running.communicate(timeout=RUN_TIMEOUT_S)
    cancelled = shell.json("cancel", shell.json("status")["id"])
    assert cancelled["status"] == "cancelled"
    assert shell("results", cancelled["id"]).exit_code == 0


@pytest.mark.process
def test_a_server_with_other_engines_leaves_the_lines_of_a_run_alone(
    shell: Shell, tmp_path: Path, upstream: RunningUpstream
) -> None:
    file = rows(tmp_path / "requests.jsonl", *(chat_line(number) for number in range(SHARED)))
    server = RunningServer(tmp_path / "data")
    try:
        found = shell.json("run", file, "--engine-url", upstream.url)
    finally:
        server.stop()
    assert (found["answered"], found["failed"]) == (SHARED, 0)


def test_what_is_not_there_exits_2(shell: Shell) -> None:
    assert "run FILE" in shell("status").stderr
    for command in ("status", "results", "cancel"):
        done = shell(command, "batch_0")
        assert (done.exit_code, "batch_0" in done.stderr) == (2, True)
        assert "touchstone batch list" in done.stderr
        assert "/v1/" not in done.stderr
    assert shell("list").exit_code == 0


@pytest.mark.process
def test_a_data_folder_that_cannot_be_made_or_used_is_named_and_nothing_else_is_said(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in-the-way").write_text("")
    monkeypatch.setenv("TOUCHSTONE_DATA_DIR", str(tmp_path / "in-the-way" / "data"))
    done = shell("list")
    assert (done.exit_code, done.stderr.count("\n"), "--data-dir" in done.stderr) == (2, 1, True)
    monkeypatch.setenv("TOUCHSTONE_DATA_DIR", str(tmp_path))
    (tmp_path / "store.sqlite3").mkdir()
    process = shell.start("list")
    _, said = process.communicate(timeout=RUN_TIMEOUT_S)
    assert (process.returncode, said.count("\n")) == (2, 1)
    assert "store.sqlite3 cannot be used now" in said


@pytest.mark.process
def test_an_engine_that_is_away_is_told_of_at_once(shell: Shell, tmp_path: Path) -> None:
    file = rows(tmp_path / "requests.jsonl", chat_line(1))
    running = shell.start("run", file, "--engine-url", "http://127.0.0.1:9/v1")
    assert running.stderr is not None
    said = ""
    while "until you stop with Ctrl-C" not in said:
        line = running.stderr.readline()
        assert line, said
        said += line
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=RUN_TIMEOUT_S)
    assert "127.0.0.1:9" in said
    assert running.returncode == 130


def test_the_rate_is_that_of_the_last_half_minute_and_the_rest_is_reckoned_by_it() -> None:
    meter = Meter()
    assert meter.left_s(100) is None
    for second in range(61):
        meter.tell(float(second), 10 * min(second, 30) + max(0, second - 30))
    assert meter.lines_per_s == pytest.approx(1.0)
    assert meter.left_s(430) == pytest.approx(100.0)
    assert [clock_text(seconds) for seconds in (None, 5, 65, 7265)] == ["-:--", "0:05", "1:05", "2:01:05"]


def some_answered_lines() -> list[dict[str, Any]]:
    """ABREAST that are answered at once, and others when the engine is told to speak: so that a run stands still."""
    return [chat_line(number, "echo" if number < ABREAST else "silent") for number in range(LINES)]


def asked(upstream: RunningUpstream) -> list[str]:
    """Last messages of what the engine was asked, in order."""
    chats = [received for received in upstream.upstream.received if received.path.endswith("/chat/completions")]
    return [json.loads(received.body)["messages"][-1]["content"] for received in chats]


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + RUN_TIMEOUT_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_on_a_narrow_terminal_the_counts_stay_whole_and_the_rest_is_left_out() -> None:
    meter = Meter()
    meter.tell(0.0, 0)
    meter.tell(10.0, 3_000_000)
    batch = Batch(
        "batch_1",
        "",
        Status.IN_PROGRESS,
        Endpoint.CHAT,
        "24h",
        "f",
        1,
        2,
        completed=2_900_000,
        failed=100_000,
        total=5_000_000,
    )
    whole = "3,000,000 of 5,000,000 lines, 100,000 failed, 0:07 left, 300,000 lines/s"
    assert counts_text(batch, meter) == counts_text(batch, meter, 80) == whole
    assert counts_text(batch, meter, 66) == "3,000,000 of 5,000,000 lines, 100,000 failed, 0:07 left"
    assert counts_text(batch, meter, 30) == counts_text(batch, meter, 5) == "3,000,000 of 5,000,000 lines"
