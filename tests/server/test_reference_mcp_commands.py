"""The curl commands of the reference's page "Cloud MCP API usage", as they stand but for the address, the key and the
token, run by the real curl against real servers. They lie in tests/clients/guides/mcp."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import REPOSITORY, RunningServer

from tests.clients.needs import program
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

GUIDES = REPOSITORY / "tests" / "clients" / "guides" / "mcp"
KEY = "a-key-for-these-commands-0001"
DISABLED = {"enabled": False, "url": "", "apiKey": ""}
TIMEOUT_S = 120
Started = Callable[..., RunningServer]


class Commands:
    """Those of the page, for one server."""

    def __init__(self, server: RunningServer, key: str = KEY) -> None:
        self._url = server.url
        self._key = key

    def run(self, name: str, token: str = "") -> str:
        return self.run_text((GUIDES / f"{name}.sh").read_text(encoding="utf-8"), token)

    def run_text(self, command: str, token: str = "") -> str:
        addresses = {"https://api.kluster.ai": self._url, "http://127.0.0.1:3001": self._url}
        replaced = {**addresses, "YOUR_API_KEY": self._key, "YOUR_MCP_TOKEN": token}
        for old, new in replaced.items():
            command = command.replace(old, new)
        program("curl")
        done = subprocess.run(
            [program("bash"), "-c", command], capture_output=True, encoding="utf-8", timeout=TIMEOUT_S, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, name: str, token: str = "") -> Any:
        return json.loads(self.run(name, token))

    def verify(self, token: str) -> Any:
        """The result of the tool: the data of the last event."""
        events = [line for line in self.run("verify", token).splitlines() if line.startswith("data: {")]
        answer = json.loads(events[-1].removeprefix("data: "))
        assert answer["id"] == 1
        return answer["result"]

    def refused(self, token: str) -> bool:
        return "opens nothing" in self.run("verify", token)


@pytest.fixture(scope="module")
def keyed_server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    server = RunningServer(tmp_path_factory.mktemp("keyed") / "data", TOUCHSTONE_API_KEYS=KEY)
    yield server
    server.stop()


def test_the_commands_for_status_enable_disable_and_a_tool_call_do_what_the_page_says(
    keyed_server: RunningServer,
) -> None:
    commands = Commands(keyed_server)
    assert commands.ask("status") == DISABLED
    enabled = commands.ask("enable")
    token = enabled["token"]
    assert enabled == {"enabled": True, "url": f"{keyed_server.url}/v1/mcp", "token": token}
    assert commands.ask("enable") == enabled
    assert commands.ask("status") == {"enabled": True, "url": enabled["url"], "apiKey": token}
    result = commands.verify(token)
    body = json.loads(result["content"][0]["text"])
    assert set(body) >= {
        "prompt",
        "response",
        "is_hallucination",
        "explanation",
        "confidence",
        "search_results",
    }
    assert body["is_hallucination"] is True
    assert result["structuredContent"]["is_hallucination"] is True
    assert commands.ask("disable") == DISABLED
    assert commands.refused(token)
    assert commands.ask("status") == DISABLED
    assert commands.ask("enable")["token"] != token
    assert commands.refused(token)


def test_a_key_calls_the_tool_as_well(keyed_server: RunningServer) -> None:
    body = json.loads(Commands(keyed_server).verify(KEY)["content"][0]["text"])
    assert body["is_hallucination"] is True


@pytest.mark.parametrize("command", ["status", "enable", "disable"])
def test_a_wrong_key_gets_an_error_that_says_what_to_do(keyed_server: RunningServer, command: str) -> None:
    error = Commands(keyed_server, key="wrong").ask(command)["error"]
    assert error["code"] == "invalid_api_key"
    assert "check it for typing errors" in error["message"]


def test_the_page_as_it_stands_says_that_its_placeholders_are_to_be_replaced(keyed_server: RunningServer) -> None:
    untouched = Commands(keyed_server, key="YOUR_API_KEY")
    assert "placeholder" in untouched.ask("enable")["error"]["message"]
    assert "placeholder" in untouched.ask("verify", "YOUR_MCP_TOKEN")["error"]["message"]


def test_the_commands_of_our_own_page_work(keyed_server: RunningServer) -> None:
    page = (REPOSITORY / "docs" / "mcp-tokens.md").read_text(encoding="utf-8")
    manage, call = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    enable, status, disable = Commands(keyed_server).run_text(manage.replace("\n", " -w '\\n'\n")).splitlines()
    assert json.loads(enable)["token"] == json.loads(status)["apiKey"]
    assert json.loads(disable) == DISABLED
    said = Commands(keyed_server).run_text(call, Commands(keyed_server).ask("enable")["token"])
    assert "The Eiffel Tower is located in Rome." in said
    assert '"isError":false' in said


def test_no_log_line_holds_a_key_or_a_token(keyed_server: RunningServer) -> None:
    token = Commands(keyed_server).ask("enable")["token"]
    Commands(keyed_server).verify(token)
    assert token not in keyed_server.log()
    assert KEY not in keyed_server.log()


def test_a_token_that_one_gateway_ends_is_soon_refused_by_the_other(start_server: Started, tmp_path: Path) -> None:
    here, there = (start_server(data_dir=tmp_path / "data", TOUCHSTONE_API_KEYS=KEY) for _ in range(2))
    token = Commands(here).ask("enable")["token"]
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with there.client(headers={"authorization": f"Bearer {token}"}) as client:
        assert client.post("/v1/mcp", json=call).status_code == 200
        assert Commands(here).ask("disable") == DISABLED
        wait_until(lambda: client.post("/v1/mcp", json=call).status_code == 403, "the token is refused")
    assert Commands(there).ask("enable")["token"] != token


def test_without_keys_and_with_a_public_address_the_commands_work_too(start_server: Started) -> None:
    server = start_server("--sample", "--public-url", "https://verify.example.com/")
    assert "mcp=https://verify.example.com/v1/mcp" in server.log()
    commands = Commands(server, key="not-needed-on-loopback")
    enabled = commands.ask("enable")
    assert enabled["url"] == "https://verify.example.com/v1/mcp"
    assert commands.verify(enabled["token"])["structuredContent"]["is_hallucination"] is True
    wait_until(lambda: '"url": "https://verify.example.com/v1/mcp"' in server.log(), "the configuration is shown")
    assert commands.ask("disable") == DISABLED
    assert commands.refused(enabled["token"])
