"""`touchstone worker`, as an operator runs it."""

import os
import signal
import time
from pathlib import Path

import pytest
from fork_server import Forked, forked
from harness import START_TIMEOUT_S, STOP_TIMEOUT_S

from inference.batches.working.holder import Holder

pytestmark = pytest.mark.process


def start_worker(log: Path, *flags: str, **environment: str) -> Forked:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    with log.open("w") as out:
        arguments = ["worker", "--no-web-search", *flags]
        return forked(arguments, env=clean | environment, stdout=out.fileno(), stderr=out.fileno())


def wait_for_line(log: Path, text: str, process: Forked) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while text not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def test_a_worker_says_that_it_works_and_stops_in_order_when_told_to(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    # A machine's variables may name an address to listen on; a worker listens nowhere, so it needs no keys for it.
    process = start_worker(log, "--data-dir", str(tmp_path / "data"), TOUCHSTONE_HOST="0.0.0.0")
    try:
        wait_for_line(log, " started worker=", process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_TIMEOUT_S) == 0
    finally:
        process.kill()
        process.wait()
    assert " stopped worker=" in log.read_text()
    assert len(Holder(tmp_path / "data" / "workers").dead()) == 1  # so others take over at once


def test_a_worker_that_cannot_open_the_store_ends_with_2_and_says_why(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "store.sqlite3").write_bytes(b"this is no database" * 100)
    process = start_worker(log, "--data-dir", str(tmp_path / "data"))
    assert process.wait(START_TIMEOUT_S) == 2
    assert "cannot be used now: file is not a database" in log.read_text()
