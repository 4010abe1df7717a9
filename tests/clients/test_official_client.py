"""The official Python client, over both transports, in every protocol revision that it speaks."""

from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_PROTOCOL_VERSION, MODERN_PROTOCOL_VERSIONS

from tests.clients.conftest import KeyedServer
from tests.clients.conversation import TOOLS, use_everything
from tests.clients.serving import TOUCHSTONE, server_environment

PATHS = ("/v1/mcp", "/stream")  # the reference's hosted and self-hosted endpoint
TIMEOUT_S = 120.0


def over_stdio(data_dir: Path) -> StdioServerParameters:
    return StdioServerParameters(command=TOUCHSTONE, args=["mcp"], env=server_environment(data_dir))


@pytest.fixture
def offer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The revision of the parameter, as the one that the client offers in its handshake; it has no setting for it."""
    revision: str = request.param
    monkeypatch.setattr("mcp.client.session.LATEST_HANDSHAKE_VERSION", revision)
    return revision


@pytest.mark.parametrize("revision", MODERN_PROTOCOL_VERSIONS)
@pytest.mark.parametrize("path", PATHS)
async def test_everything_works_over_http_without_a_handshake(open_server: str, path: str, revision: str) -> None:
    async with Client(open_server + path, mode=revision) as client:
        await use_everything(client)


@pytest.mark.parametrize("offer", HANDSHAKE_PROTOCOL_VERSIONS, indirect=True)
async def test_everything_works_over_http_after_a_handshake(open_server: str, offer: str) -> None:
    async with Client(open_server + "/v1/mcp", mode="legacy") as client:
        assert client.protocol_version == offer
        await use_everything(client)


@pytest.mark.parametrize("revision", MODERN_PROTOCOL_VERSIONS)
async def test_everything_works_over_stdio_without_a_handshake(tmp_path: Path, revision: str) -> None:
    async with Client(over_stdio(tmp_path), mode=revision) as client:
        await use_everything(client)


@pytest.mark.parametrize("offer", HANDSHAKE_PROTOCOL_VERSIONS, indirect=True)
async def test_everything_works_over_stdio_after_a_handshake(tmp_path: Path, offer: str) -> None:
    async with Client(over_stdio(tmp_path), mode="legacy") as client:
        assert client.protocol_version == offer
        await use_everything(client)


async def test_a_client_that_asks_gets_the_newest_revision(open_server: str, tmp_path: Path) -> None:
    for server in (open_server + "/v1/mcp", over_stdio(tmp_path)):
        async with Client(server) as client:
            assert client.protocol_version == LATEST_PROTOCOL_VERSION
            assert client.server_info is not None
            assert client.server_info.name == "touchstone"
            assert "verify_document" in (client.instructions or "")


@pytest.mark.parametrize("kind", ["key", "token"])
@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
async def test_a_key_or_token_is_taken_from_either_header(keyed_server: KeyedServer, header: str, kind: str) -> None:
    text = keyed_server.key if kind == "key" else keyed_server.token()
    value = f"Bearer {text}" if header == "Authorization" else text
    async with (
        httpx2.AsyncClient(headers={header: value}, timeout=TIMEOUT_S, trust_env=False) as http,
        Client(streamable_http_client(keyed_server.url + "/v1/mcp", http_client=http)) as client,
    ):
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
