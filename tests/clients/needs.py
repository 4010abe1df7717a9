"""What the suite needs and does not have: skipped on a developer's machine, a failure in CI."""

import os
import shutil
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Ends the test: it cannot run without `what`. Never a skip in CI, where nobody would read it."""
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(f"{what} is missing, and in CI no test is skipped")
    pytest.skip(f"{what} is missing")


def program(name: str) -> str:
    """The path of a program of the system."""
    return shutil.which(name) or missing(name)
