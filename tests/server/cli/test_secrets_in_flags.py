"""Secrets on the command line."""

from pathlib import Path

import pytest

from tests.robustness.command_line import touchstone, touchstone_here

pytestmark = pytest.mark.process

KEY = "canary4f9c41d27ab8e605"
SECRET = {
    "--api-key": KEY,
    "--limits-url": f"redis://me:{KEY}@127.0.0.1:1",
    "--database-url": f"postgresql://me:{KEY}@127.0.0.1:1/here",
}


def test_a_secret_on_the_command_line_is_warned_of_and_not_repeated(tmp_path: Path) -> None:
    flags = [part for flag in SECRET.items() for part in flag]
    done = touchstone(tmp_path / "data", "serve", "--plans-file", str(tmp_path / "none.toml"), *flags)
    assert done.returncode == 2
    warned = [line for line in done.stderr.splitlines() if "every user of this machine can read" in line]
    assert len(warned) == len(SECRET)
    for variable in ("TOUCHSTONE_API_KEYS", "TOUCHSTONE_LIMITS_URL", "TOUCHSTONE_DATABASE_URL"):
        assert variable in "".join(warned)
    assert KEY not in done.stdout + done.stderr


def test_an_address_without_a_password_may_stand_there(tmp_path: Path) -> None:
    done = touchstone_here(tmp_path / "data", "doctor", "--offline", "--database-url", f"sqlite:///{tmp_path}/store")
    assert "every user of this machine" not in done.stderr
