"""`touchstone doctor` finds what is wrong, says what to do, and changes nothing."""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import RunningServer
from typer.testing import CliRunner, Result

from inference.evidence.polite_search import PoliteSearch
from inference.evidence.search_engine import SearchHit
from inference.judges.cross_encoder.model import SHIPPED
from server.cli import app
from server.doctor.evidence import WEB_QUERY, WEB_S, web
from server.doctor.finding import Status
from server.doctor.machine import fast_flags
from server.settings import ENV_PREFIX, Settings
from tests.inference.judges.tiny_models import write_model

pytestmark = pytest.mark.process

CHECKS = [
    "Python",
    "processor",
    "data folder",
    "port",
    "CPU judge",
    "trial verification",
    "GPU",
    "vLLM",
    "language model",
    "engine",
    "judge model",
    "language detection",
    "starter corpus",
    "your corpus",
    "web search",
    "database",
    "files",
    "API keys",
    "plans",
    "limits",
    "batches",
    "Ray",
]


class Doctor:
    """Calls the command in this process, on a port that is free."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def run(self, *arguments: str | Path) -> Result:
        clean = {name: None for name in os.environ if name.startswith(ENV_PREFIX)}
        own = {
            "TOUCHSTONE_DATA_DIR": str(self.data_dir),
            "TOUCHSTONE_WEB_SEARCH": "false",
            "TOUCHSTONE_PORT": "0",
        }
        return CliRunner().invoke(app, ["doctor", *map(str, arguments)], env=clean | own)

    def checks(self, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
        answer = self.run("--json", *arguments)
        body = json.loads(answer.stdout)
        assert body["fine"] is (answer.exit_code == 0)
        return answer.exit_code, {check["name"]: check for check in body["checks"]}


@pytest.fixture
def doctor(tmp_path: Path) -> Doctor:
    return Doctor(tmp_path / "data")


def test_every_check_is_made_and_what_is_wrong_says_what_to_do(doctor: Doctor) -> None:
    _, found = doctor.checks("--cpu-judge", doctor.data_dir / "nowhere")
    assert list(found) == CHECKS
    assert [bool(check["remedy"]) for check in found.values()] == [c["status"] == "wrong" for c in found.values()]
    assert not doctor.data_dir.exists()


def test_the_judge_that_ships_is_described_and_tried(doctor: Doctor) -> None:
    code, found = doctor.checks()
    facts = found["CPU judge"]["facts"]
    assert found["CPU judge"]["status"] == "fine"
    assert (facts["checksum_right"], facts["licence"], facts["folder"]) == (True, "Apache-2.0", str(SHIPPED))
    assert facts["weights_bytes"] > 1_000_000
    judged = found["trial verification"]["facts"]["judged"]
    assert set(judged) == {"supported", "refuted"}
    right = all(expected == given for expected, given in judged.items())
    assert (found["trial verification"]["status"], code) == (("fine", 0) if right else ("wrong", 1))


def test_the_table_shows_the_same(doctor: Doctor) -> None:
    answer = doctor.run("--cpu-judge", doctor.data_dir / "nowhere")
    shown = " ".join(answer.stdout.split())
    assert answer.exit_code == 1
    assert all(name in shown for name in CHECKS)
    assert "What to do: a model of the hub is downloaded" in shown


def test_a_judge_that_is_wrong_about_plain_claims_is_found_out(doctor: Doctor, tmp_path: Path) -> None:
    weighs = {"entailment": (0.0, 0.0, -9.0), "neutral": (0.0, 0.0, 9.0)}
    code, found = doctor.checks("--cpu-judge", write_model(tmp_path / "tiny", weighs=weighs))
    assert found["CPU judge"]["status"] == "fine"
    assert found["CPU judge"]["facts"]["labels"] == [
        "contradiction = refuted",
        "entailment = supported",
        "neutral = not_enough_evidence",
    ]
    assert (code, found["trial verification"]["status"]) == (1, "wrong")
    assert "do not trust this judge" in found["trial verification"]["remedy"]


def test_damaged_weights_are_found_out(doctor: Doctor, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(SHIPPED, mine)
    with (mine / "model.onnx").open("ab") as file:
        file.write(b"x")
    code, found = doctor.checks("--cpu-judge", mine)
    assert (code, found["CPU judge"]["status"]) == (1, "wrong")
    assert "checksum" in found["CPU judge"]["detail"]


def test_a_model_of_the_hub_is_not_downloaded_by_looking(doctor: Doctor) -> None:
    code, found = doctor.checks("--cpu-judge", "hub:some-org/nli-model")
    assert (code, "not downloaded yet" in found["CPU judge"]["detail"]) == (1, True)
    assert "touchstone serve" in found["CPU judge"]["remedy"]
    assert not doctor.data_dir.exists()


def test_a_port_of_another_program_is_told_from_our_own(
    doctor: Doctor, start_server: Callable[..., RunningServer]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, found = doctor.checks("--port", str(other.getsockname()[1]))
    assert (code, found["port"]["status"], "--port" in found["port"]["remedy"]) == (1, "wrong", True)
    ours = start_server().url.rpartition(":")[2]
    _, found = doctor.checks("--port", ours)
    assert (found["port"]["status"], found["port"]["facts"]["serving"]) == ("fine", True)


def test_a_data_folder_that_cannot_be_written_is_named(doctor: Doctor, tmp_path: Path) -> None:
    file = tmp_path / "in-the-way"
    file.write_text("")
    code, found = doctor.checks("--data-dir", file / "data")
    assert (code, found["data folder"]["status"]) == (1, "wrong")
    assert str(file) in found["data folder"]["detail"]


def test_the_corpus_is_counted_and_a_broken_one_is_named(doctor: Doctor, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("The office cat is called Mimi.")
    assert CliRunner().invoke(app, ["corpus", "add", str(note), "--data-dir", str(doctor.data_dir)]).exit_code == 0
    _, found = doctor.checks()
    assert found["your corpus"]["facts"] == {"documents": 1}
    file = doctor.data_dir / "corpus.sqlite3"
    for path in doctor.data_dir.glob("corpus.sqlite3*"):
        path.unlink()
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(file).execute("SELECT * FROM sqlite_master")
    code, found = doctor.checks()
    assert (code, found["your corpus"]["status"]) == (1, "wrong")
    assert str(file) in found["your corpus"]["detail"]


def test_the_web_is_asked_only_if_settings_and_flags_let_it(doctor: Doctor) -> None:
    _, found = doctor.checks()
    assert found["web search"]["status"] == "off"
    _, found = doctor.checks("--web-search", "--offline")
    assert found["web search"]["status"] == "skipped"
    _, found = doctor.checks("--no-starter-corpus")
    assert found["starter corpus"]["status"] == "off"


class HungEngine:
    """A search engine that never answers. It keeps what it was asked, and tells of it."""

    name = "hung"

    def __init__(self, is_asked: Callable[[], object]) -> None:
        self.asked: list[str] = []
        self._is_asked = is_asked

    def ask(self, query: str) -> list[SearchHit]:
        self.asked.append(query)
        self._is_asked()
        threading.Event().wait(30)
        return []


@pytest.mark.anyio
async def test_a_web_that_does_not_answer_is_given_up_and_was_asked_nothing_of_the_users(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, deadline_s = asyncio.get_running_loop(), 1_000.0
    now = loop.time

    def wait_in_vain() -> None:
        monkeypatch.setattr(loop, "time", lambda: now() + 2 * deadline_s)

    engine = HungEngine(lambda: loop.call_soon_threadsafe(wait_in_vain))
    online = settings.model_copy(update={"web_search": True})
    found = await web(online, offline=False, search=PoliteSearch([engine], deadline_s=deadline_s))
    assert (found.status, engine.asked) == (Status.WRONG, [WEB_QUERY])
    assert "--no-web-search" in found.remedy
    assert WEB_S <= 3


def test_fast_instructions_are_read_from_what_the_system_lists() -> None:
    assert fast_flags("flags : fpu sse2 avx2 avx512_vnni") == ["avx2", "avx512_vnni"]
    assert fast_flags("") == []


@pytest.mark.parametrize(
    ("executor", "status", "says"),
    [("process", "fine", "by the server"), ("ray", "fine", "Ray cluster"), ("none", "off", "`touchstone worker`")],
)
def test_doctor_says_who_works_off_batches(doctor: Doctor, executor: str, status: str, says: str) -> None:
    _, found = doctor.checks("--offline", "--executor", executor)
    assert found["batches"]["status"] == status
    assert says in found["batches"]["detail"]


def test_a_cluster_that_cannot_be_joined_is_found_out(doctor: Doctor) -> None:
    code, found = doctor.checks("--executor", "ray", "--ray-address", "ray://127.0.0.1:1", "--ray-actors", "2")
    assert code == 1
    assert "ray_address" in found["Ray"]["detail"]
    assert "docs/ray.md" in found["Ray"]["remedy"]
