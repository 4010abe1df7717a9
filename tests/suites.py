"""Which command runs a test: what the markers mean, which fixtures bring one, and what was collected.

A marker comes by the folder, by a fixture, or from the module or the test itself. `make test` runs what has none.
"""

from pathlib import Path

import pytest

MARKERS = (
    "service: on a real PostgreSQL, S3 server, Redis or Ray; run by `make test-scale`",
    "process: starts processes, as of a real server or a command; run by `make test-processes`",
    "judge: takes its time in the real network, over many claims; run by `make test-judge`",
    "fuzz: a long search, run by `make test-fuzz` alone",
)

SERVICES = {"postgresql", "s3", "own_s3", "redis_server"}
"""Fixtures, and values of parameters, that are a real server of another kind."""

PROCESSES = {"running_server", "start_server", "server_with"}
"""Fixtures that are a real server of our own, or start one."""

TESTS = Path(__file__).parent
SCALE = TESTS / "scale"
OUTSIDE = {TESTS / "clients", TESTS / "recipe", TESTS / "vllm"}
"""Folders with a command of their own, which runs what is installed outside the checkout: all of it in processes."""

INSTALL_TIMEOUT_S = 300
"""For the first test that needs a service, where that may have to be installed."""

COLLECTED = pytest.StashKey[list[tuple[str, set[str]]]]()
"""Of the configuration: the ids and markers of all tests that were found, before any were left out."""


def mark(item: pytest.Item) -> None:
    """Marks a test by its folder and by what it is given."""
    given = names_given(item)
    if SCALE in item.path.parents or SERVICES & given:
        item.add_marker(pytest.mark.service)
        item.add_marker(pytest.mark.timeout(INSTALL_TIMEOUT_S), append=False)
    if PROCESSES & given or OUTSIDE & set(item.path.parents):
        item.add_marker(pytest.mark.process)


def names_given(item: pytest.Item) -> set[str]:
    """The names of the fixtures that a test is given, and of the kinds that a fixture of several is tried with."""
    call = getattr(item, "callspec", None)
    kinds = {kind for kind in call.params.values() if isinstance(kind, str)} if call else set()
    return kinds | set(getattr(item, "fixturenames", ()))
