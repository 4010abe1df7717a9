"""What the server keeps is for its own user: other users of the machine cannot look into it."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import RunningServer

from tests.robustness.command_line import touchstone

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")

FOR_ALL = stat.S_IRWXG | stat.S_IRWXO
LINE = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "nobody", "messages": []}}


def fill(server: RunningServer, key: str) -> None:
    with server.client(headers={"authorization": f"Bearer {key}"}) as client:
        content = json.dumps(LINE).encode() * 100_000  # so that it is written in several pieces
        files = {"file": ("lines.jsonl", content)}
        assert client.post("/v1/files", files=files, data={"purpose": "batch"}).status_code == 200


@pytest.mark.parametrize("data_dir_is_there", [False, True])
def test_whoever_else_is_on_the_machine_reads_nothing(
    start_server: Callable[..., RunningServer], tmp_path: Path, data_dir_is_there: bool
) -> None:
    data_dir = tmp_path / "data"
    if data_dir_is_there:
        data_dir.mkdir(mode=0o755)
    document = tmp_path / "towers.txt"
    document.write_text("The tower was built in 1889.")
    made = touchstone(data_dir, "keys", "create", "ann", "--json")
    assert touchstone(data_dir, "corpus", "add", str(document)).returncode == 0
    fill(start_server(data_dir=data_dir, TOUCHSTONE_REQUIRE_KEYS="true"), json.loads(made.stdout)["key"])
    kept = {path.name for path in data_dir.iterdir()}
    assert {"store.sqlite3", "store.sqlite3-wal", "corpus.sqlite3", "blobs", "workers"} <= kept
    readable = [path for path in data_dir.rglob("*") if path.is_file() and path.stat().st_mode & FOR_ALL]
    assert [path for path in readable if path.parent.name != "workers"] == []  # locks, which are empty
    assert (data_dir / "blobs" / "files").stat().st_mode & FOR_ALL == 0
    if not data_dir_is_there:
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
