"""The fastmcp client, which many agents are built on."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import KeyedServer
from tests.clients.conversation import FALSE_ANSWER, TOOLS
from tests.clients.serving import clean_environment

TIMEOUT_S = 120


@pytest.mark.parametrize("kind", ["key", "token"])
def test_tools_progress_results_and_failures_work(keyed_server: KeyedServer, fastmcp_python: str, kind: str) -> None:
    program = str(Path(__file__).with_name("use_fastmcp.py"))
    text = keyed_server.key if kind == "key" else keyed_server.token()
    command = [fastmcp_python, program, f"{keyed_server.url}/v1/mcp", text, json.dumps(FALSE_ANSWER)]
    done = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout)
    assert set(saw["tools"]) == TOOLS
    assert saw["body"]["is_hallucination"] is True
    assert saw["told"] == [0, 1, 2]
    assert saw["blank_is_error"] is True
