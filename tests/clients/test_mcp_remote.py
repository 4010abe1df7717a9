"""`npx mcp-remote`, the bridge that Claude Desktop uses to reach a server over HTTP."""

import json
import os
import subprocess
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


def arguments(server: str) -> list[str]:
    """Those of the file in client-configs, after the package's name."""
    after_package = ENTRY["args"].index(f"mcp-remote@{version_of('mcp-remote')}") + 1
    return [argument.replace(BASE, server) for argument in ENTRY["args"][after_package:]]


def variables(key: str, home: Path) -> dict[str, str]:
    filled = {name: value.replace("YOUR_API_KEY", key) for name, value in ENTRY["env"].items()}
    return filled | {"MCP_REMOTE_CONFIG_DIR": str(home)}


async def test_everything_works_with_the_right_key(
    keyed_server: KeyedServer, node_programs: NodePrograms, tmp_path: Path
) -> None:
    node, script = node_programs.command("mcp-remote", "mcp-remote")
    with (tmp_path / "log").open("w") as log:
        parameters = StdioServerParameters(
            command=node, args=[script, *arguments(keyed_server.url)], env=variables(keyed_server.key, tmp_path)
        )
        async with Client(stdio_client(parameters, errlog=log)) as client:
            await use_everything(client)


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


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("wrong", "this API key is not known here"),
        ("", "no API key: send it as"),
    ],
    ids=["wrong key", "missing key"],
)
def test_a_refused_user_reads_why(
    keyed_server: KeyedServer, node_programs: NodePrograms, tmp_path: Path, key: str, said: str
) -> None:
    """Claude Desktop shows the log of a server that ended."""
    given = arguments(keyed_server.url)
    given = given if key else given[: given.index("--header")]
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    done = subprocess.run(
        [*node_programs.command("mcp-remote", "mcp-remote"), *given],
        input=json.dumps(hello) + "\n",
        env=clean_environment(**variables(key, tmp_path), BROWSER=os.devnull),
        capture_output=True,
        text=True,
        timeout=REFUSAL_TIMEOUT_S,
        check=False,
    )
    assert done.returncode != 0
    assert said in done.stderr
