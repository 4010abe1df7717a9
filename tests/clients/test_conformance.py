"""The protocol's own conformance suite, against a server without keys (it cannot send any).

Most of its scenarios call tools of its own example server, which no other server has. Every check that does not pass
is in conformance_expected.toml with its reason; the test is red if another fails, or if one of those passes.
"""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.clients.node_programs import NodePrograms
from tests.clients.serving import clean_environment

EXPECTED: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("conformance_expected.toml").read_text(encoding="utf-8")
)
REVISIONS = tuple(EXPECTED["passing_at_least"])
RUN_TIMEOUT_S = 300
_TIME = re.compile(r"-\d{4}-\d\d-\d\dT[\d-]+Z$")
FAILED = {"FAILURE", "WARNING"}  # a warning is a SHOULD that was not done


def expected_of(revision: str) -> set[str]:
    """The checks that are expected not to pass, as `scenario: check`."""
    return {check for group in EXPECTED["group"] for check in group["checks"].get(revision, [])}


def checks_of(results: Path) -> list[tuple[str, str]]:
    """Each check as `scenario: check`, and its status. A result's folder is `server-SCENARIO-TIME`."""
    checks = []
    for file in sorted(results.glob("server-*/checks.json")):
        scenario = _TIME.sub("", file.parent.name.removeprefix("server-"))
        checks += [(f"{scenario}: {check['id']}", check["status"]) for check in json.loads(file.read_bytes())]
    return checks


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_we_serve_conforms(open_server: str, node_programs: NodePrograms, tmp_path: Path, revision: str) -> None:
    command = [
        *node_programs.command("@modelcontextprotocol/conformance", "conformance"),
        *("server", "--url", f"{open_server}/v1/mcp", "--requirements", revision, "-o", str(tmp_path)),
    ]
    done = subprocess.run(
        command,
        env=clean_environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )
    checks = checks_of(tmp_path)
    failed = {name for name, status in checks if status in FAILED}
    passed = [name for name, status in checks if status == "SUCCESS"]
    assert failed - expected_of(revision) == set(), done.stdout[-4000:]
    assert expected_of(revision) - failed == set(), "these pass now: take them out of conformance_expected.toml"
    assert len(passed) >= EXPECTED["passing_at_least"][revision], done.stdout[-4000:]


def test_every_expected_failure_has_a_reason_and_stands_once() -> None:
    for revision in REVISIONS:
        named = [check for group in EXPECTED["group"] for check in group["checks"].get(revision, [])]
        assert len(named) == len(set(named))
    assert all(group["reason"].strip() for group in EXPECTED["group"])
