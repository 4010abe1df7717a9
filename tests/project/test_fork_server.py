"""A forked `touchstone` is to a test what one that was started is: its exit code, streams, variables and signals."""

import os
import signal
from pathlib import Path

import pytest
from fork_server import Forked, forked
from harness import RunningServer

from server.version import VERSION
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

LIMIT_S = 60.0


def run(out: Path, *arguments: str, **variables: str) -> Forked:
    with out.open("w") as stream:
        return forked(arguments, env=os.environ | variables, stdout=stream.fileno(), stderr=stream.fileno())


def test_arguments_and_output_are_its_own_and_done_is_0(tmp_path: Path) -> None:
    assert run(tmp_path / "out", "--version").wait(LIMIT_S) == 0
    assert (tmp_path / "out").read_text() == f"touchstone {VERSION}\n"


def test_an_error_has_its_exit_code_and_variables_are_read(tmp_path: Path) -> None:
    failed = run(tmp_path / "out", "batch", "list", TOUCHSTONE_WAITING_MAX="many")
    assert failed.wait(LIMIT_S) == failed.poll() == failed.returncode == 2
    assert "TOUCHSTONE_WAITING_MAX" in (tmp_path / "out").read_text()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_signals_reach_it_and_it_alone(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    one, other = (RunningServer(tmp_path / name / "data") for name in ("one", "other") if not (tmp_path / name).mkdir())
    try:
        one.process.send_signal(sent)
        assert one.process.wait(LIMIT_S) == code
        assert other.process.poll() is None
        wait_until(lambda: "started url=" in other.log(), "the other serves")
    finally:
        one.stop()
        assert other.stop() == 0
