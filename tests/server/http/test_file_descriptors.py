"""Open files for as many connections as are allowed, as the system lets the process have them."""

import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import REPOSITORY

from server.http.file_descriptors import needed
from server.settings import Settings

pytestmark = pytest.mark.process

RUN = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
from pathlib import Path
from server.http.file_descriptors import raise_limit
from server.observe.logs import configure_logs
from server.settings import Settings
configure_logs("info")
raise_limit(Settings(data_dir=Path("unused"), connections_max=1000, engine_running_max=10))
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
NEEDED = 2 * 1000 + 10 + 256


@pytest.fixture
def raised() -> Callable[[int, int], tuple[int, str]]:
    """The limit that a process has raised for itself, of those it was started with, and its log."""

    def run(soft: int, hard: int) -> tuple[int, str]:
        command = [sys.executable, "-c", RUN, str(soft), str(hard)]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
        return int(done.stdout), done.stderr

    return run


def test_the_limit_is_raised_as_far_as_needed(raised: Callable[[int, int], tuple[int, str]]) -> None:
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 4000
    assert raised(256, 4000) == (NEEDED, "")


def test_a_limit_that_suffices_is_left_alone(raised: Callable[[int, int], tuple[int, str]]) -> None:
    assert raised(3000, 4000) == (3000, "")


def test_where_it_cannot_be_raised_the_log_says_what_to_do(raised: Callable[[int, int], tuple[int, str]]) -> None:
    limit, log = raised(256, 512)
    assert limit == 512
    assert re.search(rf"open_files_few limit=512 needed={NEEDED} .*ulimit -n.*connections_max", log)


def test_more_connections_need_more_files() -> None:
    few, many = (needed(Settings(data_dir=Path("unused"), connections_max=number)) for number in (10, 1000))
    assert many - few == 2 * 990
