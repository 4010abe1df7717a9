"""`npx mcp-remote`, the bridge that Claude Desktop uses to reach a server over HTTP."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.clients.conftest import KeyedServer
from tests.clients.conversation import use_everything
from tests.clients.needs import program
from tests.clients.node_programs import NodePrograms, version_of
from tests.clients.serving import clean_environment

ENTRY: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "client-configs" / "claude-desktop.http.json").read_text(encoding="utf-8")
)["mcpServers"]["touchstone"]
BASE = "http://127.0.0.1:3001"
REFUSAL_TIMEOUT_S = 60

REFERENCE = ["https://api.kluster.ai/v1/mcp", "--header", "Authorization: Bearer YOUR_MCP_TOKEN"]
"""What the reference has Claude Desktop, VS Code and Claude Code give to it."""


def arguments(server: str) -> list[str]:
    """Those of the file in client-configs, after the package's name."""
    after_package = ENTRY["args"].index(f"mcp-remote@{version_of('mcp-remote')}") + 1
    return [argument.replace(BASE, server) for argument in ENTRY["args"][after_package:]]


def variables(key: str, home: Path) -> dict[str, str]:
    filled = {name: value.replace("YOUR_API_KEY", key) for name, value in ENTRY["env"].items()}
    return filled | {"MCP_REMOTE_CONFIG_DIR": str(home)}


async def use_through(node_programs: NodePrograms, given: Sequence[str], environment: dict[str, str]) -> None:
    node, script = node_programs.command("mcp-remote", "mcp-remote")
    with (Path(environment["MCP_REMOTE_CONFIG_DIR"]) / "log").open("w") as log:
        parameters = StdioServerParameters(command=node, args=[script, *given], env=environment)
        async with Client(stdio_client(parameters, errlog=log)) as client:
            await use_everything(client)


async def test_everything_works_with_the_right_key(
    keyed_server: KeyedServer, node_programs: NodePrograms, tmp_path: Path
) -> None:
    await use_through(node_programs, arguments(keyed_server.url), variables(keyed_server.key, tmp_path))


async def test_everything_works_with_the_right_token(
    keyed_server: KeyedServer, node_programs: NodePrograms, tmp_path: Path
) -> None:
    await use_through(node_programs, arguments(keyed_server.url), variables(keyed_server.token(), tmp_path))


async def test_the_command_of_the_reference_works_with_the_right_token(
    keyed_server: KeyedServer, node_programs: NodePrograms, tmp_path: Path
) -> None:
    given = [argument.replace("https://api.kluster.ai", keyed_server.url) for argument in REFERENCE]
    given = [argument.replace("YOUR_MCP_TOKEN", keyed_server.token()) for argument in given]
    await use_through(node_programs, given, variables("", tmp_path))


async def test_everything_works_as_the_file_is_where_no_key_is_needed(open_server: str, tmp_path: Path) -> None:
    """The real `npx`, with the command of the file, word for word but for the address."""
    parameters = StdioServerParameters(
        command=program(ENTRY["command"]),
        args=[argument.replace(BASE, open_server) for argument in ENTRY["args"]],
        env=clean_environment(**variables("YOUR_API_KEY", tmp_path)),
    )
    with (tmp_path / "log").open("w") as log:
        async with Client(stdio_client(parameters, errlog=log)) as client:
            await use_everything(client)


def refused(server: KeyedServer, programs: NodePrograms, home: Path, key: str | None) -> str:
    """What it writes where it ends because of `key`, or because there is none. Claude Desktop shows that."""
    given = arguments(server.url)
    given = given if key is not None else given[: given.index("--header")]
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    done = subprocess.run(
        [*programs.command("mcp-remote", "mcp-remote"), *given],
        input=json.dumps(hello) + "\n",
        env=clean_environment(**variables(key or "", home), BROWSER=os.devnull),
        capture_output=True,
        text=True,
        timeout=REFUSAL_TIMEOUT_S,
        check=False,
    )
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("wrong", "this API key is not known here"),
        (None, "no API key: send it as"),
        ("", "no API key: send it as"),
        ("YOUR_API_KEY", "what was sent is a placeholder"),
        ("YOUR_MCP_TOKEN", "what was sent is a placeholder"),
        ("tsm_cut-off", "Copy it again"),
    ],
    ids=["wrong key", "no header", "empty key", "untouched file", "untouched token", "half a token"],
)
def test_a_refused_user_reads_why(
    keyed_server: KeyedServer, node_programs: NodePrograms, tmp_path: Path, key: str | None, said: str
) -> None:
    assert said in refused(keyed_server, node_programs, tmp_path, key)


def test_the_user_of_a_token_that_was_disabled_reads_how_to_get_one(
    keyed_server: KeyedServer, node_programs: NodePrograms, tmp_path: Path
) -> None:
    token = keyed_server.token()
    keyed_server.manage("disable")
    said = refused(keyed_server, node_programs, tmp_path, token)
    assert "this MCP token opens nothing" in said
    assert "POST /v1/mcp/enable" in said
    assert token not in said
