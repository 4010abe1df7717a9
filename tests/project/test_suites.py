"""Each test is run by one command and no more: what `make test` leaves out, another one runs.

This goes by the tests that were collected, before any were left out: of a run of the whole suite, by all of them.
"""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from suites import COLLECTED, MARKERS, OUTSIDE, TESTS

REPOSITORY = Path(__file__).resolve().parents[2]
COMMANDS = {
    "test": '-m "not service and not process and not judge"',
    "test-processes": '-m "process and not service"',
    "test-judge": '-m "judge and not process and not service"',
    "test-scale": "-m service",
    "test-fuzz": "tests/robustness -m fuzz",
}
NAMED = re.compile(r"[\[-](postgresql|s3)[\]-]|tests/scale/|test_redis_limiter(?!.*asks_nobody)")
"""Ids of tests that are given a real service, for who reads them."""
SOME = (
    "tests/inference/blobs",
    "tests/server/accounts/test_redis_limiter.py",
    "tests/server/accounts/test_last_use.py",
)
"""Where most tests do without a service."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs_what_its_markers_say(command: str) -> None:
    assert selected(command) == COMMANDS[command]


def test_whatever_the_markers_of_a_test_one_command_runs_it() -> None:
    names = [marker.partition(":")[0] for marker in MARKERS]
    assert set(names) == {"service", "process", "judge", "fuzz"}
    for held in itertools.product([False, True], repeat=len(names)):
        marked = dict(zip(names, held, strict=True))
        assert len([command for command in COMMANDS if runs(command, marked)]) == 1, marked


def test_every_command_is_run_in_ci_and_told_of() -> None:
    steps = re.findall(r"^step make (\S+)$", (REPOSITORY / ".ci" / "run").read_text(), re.MULTILINE)
    assert set(COMMANDS) <= set(steps)
    told = (REPOSITORY / "CONTRIBUTING.md").read_text()
    assert [command for command in COMMANDS if f"\n    make {command} " not in told] == []


def test_what_every_command_of_these_ignores_has_a_command_of_its_own() -> None:
    options = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["addopts"]
    own = {"tests/clients": "test-clients", "tests/recipe": "test-training", "tests/vllm": "test-vllm"}
    assert set(re.findall(r"--ignore=(\S+)", options)) == set(own)
    assert {TESTS.parent / folder for folder in own} == OUTSIDE
    assert [folder for folder, command in own.items() if not selected(command).startswith(folder)] == []


def test_long_searches_lie_where_their_command_looks(request: pytest.FixtureRequest) -> None:
    long = [name for name, markers in request.config.stash[COLLECTED] if "fuzz" in markers]
    assert [name for name in long if not name.startswith("tests/robustness/")] == []


def test_every_test_that_is_given_a_service_is_marked(request: pytest.FixtureRequest) -> None:
    named = [(name, markers) for name, markers in request.config.stash[COLLECTED] if NAMED.search(name)]
    assert [name for name, markers in named if "service" not in markers] == []


def test_only_tests_that_are_given_a_service_are_left_to_the_other_command(request: pytest.FixtureRequest) -> None:
    marked = [name for name, markers in request.config.stash[COLLECTED] if "service" in markers]
    here = [name for name in marked if name.startswith(SOME)]
    assert [name for name in here if not NAMED.search(name) and "test_s3.py" not in name] == []


def runs(command: str, marked: dict[str, bool]) -> bool:
    """Whether a command runs a test with these markers. Long searches are run only by who asks for them."""
    expression = COMMANDS[command].partition("-m ")[2].strip('"')
    return bool(eval(expression, {}, marked)) and marked["fuzz"] <= ("fuzz" in expression)  # noqa: S307  # our own


def selected(command: str) -> str:
    """How a command of the Makefile chooses among the tests: its options without those of how they are run."""
    recipe = re.search(rf"^{command}:.*\n\t(.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    return re.sub(r"^.* -m pytest|\$\(BESIDE\)|-n auto|-p no:xdist|-o \S+|#.*", "", recipe[1]).strip()
