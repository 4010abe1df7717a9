"""The files in client-configs/ do what they say: each is read in its own format, and what it names is called.

The one exception is the real `npx mcp-remote`, which needs the network: tests/clients runs it.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from server.errors import TABLE
from server.settings import Settings
from tests.clients.conversation import TOOLS
from tests.clients.serving import TOUCHSTONE, clean_environment, server_environment, serving

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "client-configs"
GUIDE = ROOT / "docs" / "clients.md"
BASE = "http://127.0.0.1:3001"
ENDPOINT = f"{BASE}/v1/mcp"
PLACEHOLDER = "YOUR_API_KEY"
KEY = "a-key-of-this-test"
TIMEOUT_S = 120


@dataclass(frozen=True)
class Product:
    """What a client reads in its file: the table of servers, and the keys of one server that it knows."""

    servers: str
    http: frozenset[str]
    stdio: frozenset[str]
    url: str = "url"


def _product(servers: str, http: str, stdio: str = "command args env", url: str = "url") -> Product:
    return Product(servers, frozenset(http.split()), frozenset(stdio.split()), url)


PRODUCTS = {
    "claude-code": _product("mcpServers", "type url headers", "type command args env"),
    "claude-desktop": _product("mcpServers", "command args env"),
    "codex": _product(
        "mcp_servers",
        "url bearer_token_env_var http_headers env_http_headers startup_timeout_sec tool_timeout_sec",
        "command args env env_vars cwd startup_timeout_sec tool_timeout_sec",
    ),
    "cursor": _product("mcpServers", "url headers"),
    "gemini-cli": _product(
        "mcpServers", "httpUrl headers timeout trust", "command args env cwd timeout trust", "httpUrl"
    ),
    "lm-studio": _product("mcpServers", "url headers"),
    "vscode": _product("servers", "type url headers", "type command args env envFile"),
    "zed": _product("context_servers", "url headers timeout enabled", "command args env timeout enabled"),
}
HTTP_FILES = {
    "claude-code.http.json",
    "codex.http.toml",
    "cursor.http.json",
    "gemini-cli.http.json",
    "lm-studio.http.json",
    "vscode.http.jsonc",
    "zed.http.jsonc",
}
MCP_REMOTE_FILES = {"claude-desktop.http.json"}
STDIO_FILES = {
    "claude-code.stdio.json",
    "claude-desktop.stdio.json",
    "codex.stdio.toml",
    "cursor.stdio.json",
    "gemini-cli.stdio.json",
    "lm-studio.stdio.json",
    "vscode.stdio.jsonc",
    "zed.stdio.jsonc",
}
SCRIPTS = {"curl.sh"}


def _jsonc(text: str) -> Any:
    """JSON with comments that stand on a line of their own, which is all that our files use."""
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


READERS: dict[str, Callable[[str], Any]] = {".json": json.loads, ".jsonc": _jsonc, ".toml": tomllib.loads}


def text_of(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def product_of(name: str) -> Product:
    return PRODUCTS[name.partition(".")[0]]


def entry_of(name: str, text: str | None = None) -> dict[str, Any]:
    """The one server that the file defines."""
    data = READERS[Path(name).suffix](text_of(name) if text is None else text)
    servers = data[product_of(name).servers]
    assert list(servers) == ["touchstone"]
    entry: dict[str, Any] = servers["touchstone"]
    return entry


def headers_of(entry: dict[str, Any], variables: dict[str, str]) -> dict[str, str]:
    """The headers that a client makes of the entry."""
    headers = dict(entry.get("headers") or entry.get("http_headers") or {})
    if "bearer_token_env_var" in entry:
        headers["Authorization"] = f"Bearer {variables[entry['bearer_token_env_var']]}"
    return headers


def with_key(text: str, key: str = KEY) -> str:
    """The file as a user makes it for a server with keys: the key in place, or the line for it taken in."""
    return text.replace(PLACEHOLDER, key).replace("# bearer_token_env_var", "bearer_token_env_var")


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("open")) as url:
        yield url


@pytest.fixture(scope="module")
def keyed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("keyed"), keys=KEY) as url:
        yield url


def mcp_token(server: str) -> str:
    """The MCP token of the server's key, by the command that the README gives."""
    (command,) = re.findall(r"^curl .*/v1/mcp/enable.*$", text_of("README.md"), re.MULTILINE)
    filled = command.replace(BASE, server).replace(PLACEHOLDER, KEY)
    done = subprocess.run(["bash", "-c", filled], capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    return str(json.loads(done.stdout)["token"])


async def use(client: Client) -> None:
    """What an assistant does first: look at the tools, then call one."""
    async with client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        arguments = {
            "prompt": "What is the total?",
            "response": "The total is 12 EUR.",
            "documentContent": "Total: 12 EUR",
        }
        result = await client.call_tool("verify_document", arguments)
        assert not result.is_error
        assert result.structured_content is not None
        assert result.structured_content["response"] == "The total is 12 EUR."
        assert isinstance(result.structured_content["is_hallucination"], bool)


async def use_http(entry: dict[str, Any], url_key: str, server: str, variables: dict[str, str]) -> None:
    url = entry[url_key].replace(BASE, server)
    async with httpx2.AsyncClient(headers=headers_of(entry, variables), timeout=TIMEOUT_S, trust_env=False) as http:
        await use(Client(streamable_http_client(url, http_client=http)))


def test_every_file_of_the_folder_is_tested() -> None:
    named = HTTP_FILES | MCP_REMOTE_FILES | STDIO_FILES | SCRIPTS | {"README.md"}
    assert {path.name for path in FOLDER.iterdir()} == named


def test_every_product_has_a_file_for_http_and_one_for_stdio() -> None:
    assert {name.partition(".")[0] for name in HTTP_FILES | MCP_REMOTE_FILES} == set(PRODUCTS)
    assert {name.partition(".")[0] for name in STDIO_FILES} == set(PRODUCTS)


def test_the_readme_names_every_file() -> None:
    readme = text_of("README.md")
    for name in HTTP_FILES | MCP_REMOTE_FILES | STDIO_FILES | SCRIPTS:
        assert f"]({name})" in readme, f"README.md has no link to {name}"


@pytest.mark.parametrize("name", sorted(HTTP_FILES))
def test_an_http_file_has_only_keys_that_its_client_reads(name: str) -> None:
    entry = entry_of(name)
    assert set(entry) <= product_of(name).http
    assert set(entry_of(name, with_key(text_of(name)))) <= product_of(name).http
    assert entry[product_of(name).url] == ENDPOINT
    assert entry.get("type", "http") == "http"


@pytest.mark.process
@pytest.mark.parametrize("name", sorted(HTTP_FILES))
async def test_an_http_file_works_as_it_is_where_no_key_is_needed(name: str, open_server: str) -> None:
    await use_http(entry_of(name), product_of(name).url, open_server, {})


@pytest.mark.process
@pytest.mark.parametrize("name", sorted(HTTP_FILES))
async def test_an_http_file_works_with_a_key_once_the_key_is_in(name: str, keyed_server: str) -> None:
    entry = entry_of(name, with_key(text_of(name)))
    await use_http(entry, product_of(name).url, keyed_server, {"VERIFY_API_KEY": KEY})


@pytest.mark.process
@pytest.mark.parametrize("name", sorted(HTTP_FILES))
async def test_an_http_file_works_with_an_mcp_token_in_the_place_of_the_key(name: str, keyed_server: str) -> None:
    token = mcp_token(keyed_server)
    entry = entry_of(name, with_key(text_of(name), token))
    await use_http(entry, product_of(name).url, keyed_server, {"VERIFY_API_KEY": token})


@pytest.mark.process
@pytest.mark.parametrize("name", sorted(HTTP_FILES))
async def test_an_http_file_without_its_key_is_refused_by_a_server_with_keys(name: str, keyed_server: str) -> None:
    with pytest.raises((MCPError, BaseExceptionGroup)):
        await use_http(entry_of(name), product_of(name).url, keyed_server, {})


def test_the_key_that_vs_code_can_ask_for_is_declared() -> None:
    text = text_of("vscode.http.jsonc")
    asked = re.findall(r"\$\{input:([^}]+)\}", text)
    declared = [item for item in _jsonc(text)["inputs"] if item["type"] == "promptString"]
    assert asked == [item["id"] for item in declared]
    assert all(item["password"] for item in declared)


@pytest.mark.parametrize("name", sorted(MCP_REMOTE_FILES))
def test_an_mcp_remote_file_gives_the_key_in_a_way_that_survives_every_system(name: str) -> None:
    entry = entry_of(name)
    assert set(entry) <= product_of(name).stdio
    assert entry["command"] == "npx"
    assert entry["args"][:3] == ["-y", "mcp-remote@0.15.1", ENDPOINT]
    flags = dict(zip(entry["args"][3::2], entry["args"][4::2], strict=True))
    assert flags == {"--transport": "http-only", "--header": "Authorization:${AUTH}"}
    assert not any(" " in argument for argument in entry["args"])  # Windows would cut it there
    assert entry["env"] == {"AUTH": f"Bearer {PLACEHOLDER}"}


@pytest.mark.parametrize("name", sorted(STDIO_FILES))
def test_a_stdio_file_has_only_keys_that_its_client_reads(name: str) -> None:
    entry = entry_of(name)
    assert set(entry) <= product_of(name).stdio
    assert entry.get("type", "stdio") == "stdio"


def test_the_commands_of_the_stdio_files_serve_mcp(tmp_path: Path) -> None:
    """They are the same in all files, so each is run once."""
    commands = {(entry_of(name)["command"], *entry_of(name)["args"]) for name in STDIO_FILES}
    assert commands == {("touchstone", "mcp")}


@pytest.mark.process
async def test_the_command_of_the_stdio_files_answers(tmp_path: Path) -> None:
    entry = entry_of("cursor.stdio.json")
    parameters = StdioServerParameters(command=TOUCHSTONE, args=entry["args"], env=server_environment(tmp_path))
    await use(Client(parameters))


def run_script(name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in clean_environment().items() if k not in ("BASE_URL", "API_KEY")} | variables
    return subprocess.run(
        ["bash", str(FOLDER / name)], env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def answers(output: str) -> list[Any]:
    return [json.loads(line) for line in output.splitlines() if line.strip()]


def check_answers(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    tower, invoice, tools, contract = answers(done.stdout)
    assert tower["is_hallucination"] is True
    assert invoice["is_hallucination"] is False
    assert {tool["name"] for tool in tools["result"]["tools"]} == TOOLS
    assert contract["result"]["structuredContent"]["is_hallucination"] is True


@pytest.mark.process
def test_the_curl_script_works_without_a_key(open_server: str) -> None:
    check_answers(run_script("curl.sh", BASE_URL=open_server))


@pytest.mark.process
def test_the_curl_script_works_with_a_key(keyed_server: str) -> None:
    check_answers(run_script("curl.sh", BASE_URL=keyed_server + "/", API_KEY=KEY))


@pytest.mark.process
def test_the_curl_script_shows_why_it_failed(keyed_server: str) -> None:
    done = run_script("curl.sh", BASE_URL=keyed_server, API_KEY="wrong")
    assert done.returncode != 0
    assert "this API key is not known here" in done.stdout


@pytest.mark.process
@pytest.mark.parametrize("number", range(2))
def test_the_programs_in_the_docs_work(number: int, open_server: str) -> None:
    program = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[number]
    command = [sys.executable, "-c", program.replace(BASE, open_server)]
    done = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search("supported|refuted", done.stdout)


def test_the_docs_name_only_errors_and_settings_that_exist() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    gate = [ROOT / "server" / "access.py", ROOT / "server" / "accounts" / "doors.py"]
    at_the_gate = re.findall(r', "([a-z_]+)"\)', "\n".join(path.read_text(encoding="utf-8") for path in gate))
    codes = {row.code for row in TABLE.values()} | set(at_the_gate)
    tokens = (ROOT / "docs" / "mcp-tokens.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\d{3} `([a-z_]+)`", guide + tokens)) <= codes
    settings = set(re.findall(r"TOUCHSTONE_([A-Z_]+[A-Z])\b", guide + text_of("README.md")))
    assert {name.lower() for name in settings} <= set(Settings.model_fields)


def test_the_curl_script_calls_the_default_address() -> None:
    assert f'BASE_URL="${{BASE_URL:-{BASE}}}"' in text_of("curl.sh")
