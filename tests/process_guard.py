"""Keeps processes out of tests that are not marked `process`, so that `make test` stays quick.

A process that an unmarked test starts, in its fixtures or in what it tests, is refused, and the test fails even where
what started it went on without. Python tells of each process by an audit event, however it was started, but for
`multiprocessing` with its method `spawn`, which nobody here uses. Processes that start while no test runs, as those of
pytest-xdist, are let be.
"""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
"""Audit events of a new process."""

LET_BE = [["uname", "-p"]]
"""Commands by which a library asks, once in a process, what machine this is: OpenAI's client does, by `platform`."""

MAY_START_PROCESSES = ("process", "service")
"""Markers of tests that are let be."""

ADVICE = "a test that starts a process is marked `process` (pytestmark = pytest.mark.process): see CONTRIBUTING.md"


class ProcessRefusedError(Exception):
    """A test that is not marked for it started a process."""


class ProcessGuard:
    """A pytest plugin, of which there is one a process: an audit hook stays until the process ends."""

    def __init__(self) -> None:
        self._guarded = ""
        self._refused: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._guarded and event in STARTS:  # in this order: at the end of the process STARTS is gone
            command = arguments[1] if len(arguments) > 1 else event
            if command in LET_BE:
                return
            refused = f"{self._guarded} started {command}: {ADVICE}"
            self._refused.append(refused)
            raise ProcessRefusedError(refused)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        marked = any(item.get_closest_marker(name) for name in MAY_START_PROCESSES)
        self._guarded = "" if marked else item.nodeid
        try:
            return (yield)
        finally:
            self._guarded = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Iterator[None]:
        try:
            return (yield)
        finally:
            self._fail_if_refused()

    pytest_runtest_call = pytest_runtest_teardown = pytest_runtest_setup

    def _fail_if_refused(self) -> None:
        refused, self._refused = self._refused, []
        if refused:
            pytest.fail("\n".join(refused), pytrace=False)
