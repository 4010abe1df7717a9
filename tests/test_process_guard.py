"""What keeps processes out of tests that are not marked for them: tried on small suites, each in its own pytest."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

TESTS = Path(__file__).parent
RUN_TIMEOUT_S = 120.0

CONFTEST = """
from process_guard import MAY_START_PROCESSES, ProcessGuard

def pytest_configure(config):
    for marker in MAY_START_PROCESSES:
        config.addinivalue_line("markers", marker)
    config.pluginmanager.register(ProcessGuard())
"""

WAYS = {
    "subprocess": "subprocess.run(['true'], check=True)",
    "os.fork": "os.waitpid(os.fork() or os._exit(0), 0)",
    "os.posix_spawn": "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
    "os.system": "os.system('true')",
    "asyncio": "asyncio.run(asyncio.create_subprocess_exec('true'))",
    "a thread": "ThreadPoolExecutor(1).submit(subprocess.run, ['true']).result()",
    "fork_server": "fork_server.forked([], env={}, stdout=1, stderr=2)",
}

IMPORTS = """
import asyncio, os, subprocess
import fork_server
import pytest
from concurrent.futures import ThreadPoolExecutor
"""


def outcomes(folder: Path, suite: str) -> tuple[dict[str, int], str]:
    """How many tests of a suite passed, failed and had errors, and what pytest wrote."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_suite.py").write_text(IMPORTS + suite)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", str(folder)]
    paths = f"{TESTS}:{TESTS.parent}"
    done = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": paths}, capture_output=True, text=True, timeout=RUN_TIMEOUT_S
    )
    words = done.stdout.splitlines()[-1].replace("errors", "error").replace(",", "").split()
    found = {what: int(words[words.index(what) - 1]) for what in ("passed", "failed", "error") if what in words}
    return found, done.stdout


def test_a_process_that_an_unmarked_test_starts_in_any_way_is_refused_by_name(tmp_path: Path) -> None:
    suite = "".join(f"def test_{number}():\n    {way}\n" for number, way in enumerate(WAYS.values()))
    found, written = outcomes(tmp_path, suite)
    assert found == {"failed": len(WAYS)}, written
    for number in range(len(WAYS)):
        assert f"test_suite.py::test_{number} started" in written, list(WAYS)[number]
    assert "a test that starts a process is marked `process`" in written


def test_it_fails_though_what_started_the_process_went_on_without(tmp_path: Path) -> None:
    suite = "def test():\n    try:\n        os.fork()\n    except Exception:\n        pass\n"
    found, written = outcomes(tmp_path, suite)
    assert found == {"failed": 1}, written


def test_a_fixture_is_held_to_it_before_and_after_the_test(tmp_path: Path) -> None:
    suite = (
        "@pytest.fixture\ndef before():\n    subprocess.run(['true'])\n"
        "@pytest.fixture\ndef after():\n    yield\n    subprocess.run(['true'])\n"
        "def test_before(before): pass\n"
        "def test_after(after): pass\n"
        "def test_that_comes_next(): pass\n"
    )
    found, written = outcomes(tmp_path, suite)
    assert found == {"passed": 2, "error": 2}, written


@pytest.mark.parametrize("marker", ["process", "service"])
def test_what_is_marked_starts_what_it_likes_and_the_next_test_may_not(tmp_path: Path, marker: str) -> None:
    suite = (
        f"@pytest.mark.{marker}\ndef test_marked():\n    subprocess.run(['true'], check=True)\n"
        "def test_unmarked():\n    subprocess.run(['true'])\n"
    )
    found, written = outcomes(tmp_path, suite)
    assert found == {"passed": 1, "failed": 1}, written


def test_a_library_that_asks_what_machine_this_is_and_what_starts_between_tests_are_let_be(tmp_path: Path) -> None:
    suite = (
        "subprocess.run(['true'], check=True)\n"  # while the suite is collected
        "def test():\n    subprocess.run(['uname', '-p'], capture_output=True, check=True)\n"
    )
    found, written = outcomes(tmp_path, suite)
    assert found == {"passed": 1}, written
