"""What `make test` leaves out for want of a real service, `make test-scale` runs: no test falls between the two."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOME = [
    "tests/inference/blobs",
    "tests/server/accounts/test_redis_limiter.py",
    "tests/server/accounts/test_last_use.py",
]
NAMED = re.compile(r"[\[-](postgresql|s3)[\]-]|tests/scale/|test_redis_limiter(?!.*asks_nobody)")
"""Ids of tests that are given a real service, for who reads them."""


def test_one_command_runs_what_needs_a_service_and_the_other_all_the_rest() -> None:
    assert selected("test") == '-m "not service"'
    assert selected("test-scale") == "-m service"
    options = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["addopts"]
    ignored = set(re.findall(r"--ignore=(\S+)", options))
    assert ignored == {"tests/clients", "tests/recipe", "tests/vllm"}, "what both ignore needs a command of its own"


def test_every_test_that_is_given_a_service_is_marked(request: pytest.FixtureRequest) -> None:
    here = [item for item in request.session.items if NAMED.search(item.nodeid)]
    assert [item.nodeid for item in here if item.get_closest_marker("service") is None] == []


@pytest.mark.process
def test_only_tests_that_are_given_a_service_are_left_to_the_other_command() -> None:
    left = collected("-m", "service", *SOME)
    for kind in ("[s3", "[postgresql", "test_redis_limiter"):
        assert any(kind in test for test in left), kind
    assert {test for test in left if not NAMED.search(test) and "test_s3.py" not in test} == set()


def selected(command: str) -> str:
    """How a command of the Makefile chooses among the tests: its options without those of how they are run."""
    recipe = re.search(rf"^{command}:.*\n\t(.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    return re.sub(r"^.* -m pytest|-n auto|-p no:xdist", "", recipe[1]).strip()


def collected(*options: str) -> set[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:xdist"]
    command += ["-o", "addopts=--import-mode=importlib"]
    done = subprocess.run([*command, *options], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return {line for line in done.stdout.splitlines() if "::" in line}
