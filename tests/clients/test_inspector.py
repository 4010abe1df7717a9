"""The MCP inspector's command line, which also judges how portable the tools' schemas are."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import KeyedServer
from tests.clients.conversation import FALSE_ANSWER, INVOICE, TOOLS
from tests.clients.node_programs import NodePrograms
from tests.clients.serving import TOUCHSTONE, server_environment

TIMEOUT_S = 120
PACKAGE = "@modelcontextprotocol/inspector"


class Inspector:
    """Runs the inspector with a home of its own."""

    def __init__(self, programs: NodePrograms, home: Path) -> None:
        self._command = [*programs.command(PACKAGE, "mcp-inspector"), "--cli"]
        self._environment = server_environment(home / "data", HOME=str(home))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def ask(self, server: str, method: str, *arguments: str) -> Any:
        done = self.run(f"{server}/v1/mcp", "--transport", "http", "--method", method, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def inspector(node_programs: NodePrograms, tmp_path: Path) -> Inspector:
    return Inspector(node_programs, tmp_path)


def pairs(arguments: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in arguments.items()]


def test_the_tools_are_listed_and_their_schemas_are_portable(inspector: Inspector, open_server: str) -> None:
    done = inspector.run(f"{open_server}/v1/mcp", "--transport", "http", "--method", "tools/list", "--strict")
    assert done.returncode == 0, done.stderr
    assert "portability" not in done.stderr
    assert {tool["name"] for tool in json.loads(done.stdout)["tools"]} == TOOLS


def test_the_tools_can_be_called(inspector: Inspector, open_server: str) -> None:
    answer = inspector.ask(open_server, "tools/call", "--tool-name", "verify", "--tool-arg", *pairs(FALSE_ANSWER))
    assert answer["structuredContent"]["is_hallucination"] is True
    answer = inspector.ask(open_server, "tools/call", "--tool-name", "verify_document", "--tool-arg", *pairs(INVOICE))
    assert answer["structuredContent"]["is_hallucination"] is False


def test_the_resource_and_the_prompt_can_be_read(inspector: Inspector, open_server: str) -> None:
    read = inspector.ask(open_server, "resources/read", "--uri", "touchstone://server")
    assert json.loads(read["contents"][0]["text"])["name"] == "touchstone"
    prompt = inspector.ask(open_server, "prompts/get", "--prompt-name", "verify", "--prompt-args", "response=Hello.")
    assert prompt["messages"][0]["content"]["text"].endswith("Hello.")


def test_a_wrong_key_is_named_as_the_reason(inspector: Inspector, keyed_server: KeyedServer) -> None:
    arguments = ("--transport", "http", "--method", "tools/list", "--header", "Authorization: Bearer wrong")
    done = inspector.run(f"{keyed_server.url}/v1/mcp", *arguments)
    assert done.returncode != 0
    assert "this API key is not known here" in done.stdout + done.stderr


def test_the_right_key_and_its_token_open(inspector: Inspector, keyed_server: KeyedServer) -> None:
    for text in (keyed_server.key, keyed_server.token()):
        listed = inspector.ask(keyed_server.url, "tools/list", "--header", f"Authorization: Bearer {text}")
        assert {tool["name"] for tool in listed["tools"]} == TOOLS


def test_it_speaks_to_the_server_over_stdio(inspector: Inspector) -> None:
    settings = ("-e", "TOUCHSTONE_WEB_SEARCH=false")
    done = inspector.run(TOUCHSTONE, "mcp", "--method", "tools/list", *settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {tool["name"] for tool in json.loads(done.stdout)["tools"]} == TOOLS
