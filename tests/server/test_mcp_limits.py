"""Requests a minute and at once, as MCP clients meet them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from harness import ClientOf, RunningUpstream

from tests.server.asgi_scope import post_scope
from tests.server.limited import LIMIT, PLAN, REMAINING, RESET, Limited

JSON_ONLY = {"accept": "application/json"}
BOTH = {"accept": "application/json, text/event-stream"}
VERIFY = {"prompt": "Is it?", "response": "The tower is in Paris."}
DOCUMENT = VERIFY | {"documentContent": "The tower is in Paris."}
CALLS = [("verify", VERIFY), ("verify_document", DOCUMENT), ("chat", {"prompt": "Hello there", "model": "echo"})]

LimitedOf = Callable[..., Limited]


@pytest.fixture
def limited(client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream) -> LimitedOf:
    return lambda **limits: Limited(client_of, tmp_path, upstream.url, **limits)


LIMIT_S = 60.0


def send(server: Limited, method: str, params: dict[str, Any] | None = None, headers: Any = JSON_ONLY) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    answer = server.client.post("/v1/mcp", json=message, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def call(server: Limited, name: str, arguments: dict[str, Any], headers: Any = JSON_ONLY) -> Any:
    return send(server, "tools/call", {"name": name, "arguments": arguments}, headers)


def result_of(answer: Any) -> Any:
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith(("data: {", "{"))]
    return orjson.loads(lines[-1])["result"]


@pytest.mark.parametrize("headers", [JSON_ONLY, BOTH], ids=["json", "events"])
@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_a_call_over_the_limit_is_a_failure_that_says_what_to_do_and_when(
    limited: LimitedOf, name: str, arguments: dict[str, Any], headers: dict[str, str]
) -> None:
    server = limited(requests_per_minute=1, other_requests_per_minute=50)
    first = call(server, name, arguments, headers)
    assert not result_of(first).get("isError")
    assert [first.headers[each] for each in (LIMIT, REMAINING, RESET)] == ["1", "0", "1m0s"]
    server.clock.now_s += 48
    second = call(server, name, arguments, headers)
    result = result_of(second)
    assert result["isError"] is True
    for words in ("rate_limit_exceeded", PLAN, "1 request a minute", "Try again in 12 s", "No verdict"):
        assert words in result["content"][0]["text"]
    assert result["content"][0]["text"].count("again") == 1
    assert second.headers[REMAINING] == "0"
    server.clock.now_s += 12
    assert not result_of(call(server, name, arguments, headers)).get("isError")


def test_a_chat_without_a_model_counts_for_the_one_that_is_asked(
    limited: LimitedOf, upstream: RunningUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = limited(requests_per_minute=5, other_requests_per_minute=7)
    assert call(server, "chat", {"prompt": "Hello there"}).headers[LIMIT] == "7"  # there are several: it fails
    assert call(server, "chat", {"prompt": "Hello there", "model": "unknown"}).headers[LIMIT] == "7"
    assert call(server, "chat", {"prompt": "Hello there", "model": 7}).headers[LIMIT] == "7"

    async def one(*_: Any) -> str:
        return "echo"

    monkeypatch.setattr("server.mcp.entering.model_to_ask", one)
    assert call(server, "chat", {"prompt": "Hello there"}).headers[LIMIT] == "5"


def test_a_client_can_connect_and_look_around_though_its_key_has_nothing_left(limited: LimitedOf) -> None:
    server = limited(requests_per_minute=0, other_requests_per_minute=1)
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    for _ in range(2):
        assert result_of(send(server, "initialize", about))["serverInfo"]["name"] == "touchstone"
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        assert server.client.post("/v1/mcp", json=note, headers=BOTH).status_code == 202
        assert result_of(send(server, "ping")) == {}
        answer = send(server, "tools/list")
        assert len(result_of(answer)["tools"]) == 8
        assert (answer.headers[LIMIT], answer.headers[REMAINING]) == ("1", "0")
        assert server.client.get("/v1/mcp", headers=BOTH).status_code == 405
    for name, arguments in [*CALLS, ("batch_list", {})]:
        assert "rate_limit_exceeded" in result_of(call(server, name, arguments))["content"][0]["text"]


def test_looking_at_a_batch_counts_as_a_request_that_asks_no_model(limited: LimitedOf) -> None:
    server = limited(requests_per_minute=1, other_requests_per_minute=2)
    assert not result_of(call(server, "batch_list", {})).get("isError")
    uri = {"uri": "touchstone://batch/batch_none"}
    assert "rate limit" not in send(server, "resources/read", uri).json()["error"]["message"]
    assert "Try again in 60 s" in send(server, "resources/read", uri).json()["error"]["message"]
    assert "that ask no model" in result_of(call(server, "batch_list", {}))["content"][0]["text"]
    assert not result_of(call(server, "verify", VERIFY)).get("isError")


def test_the_token_of_a_key_counts_as_the_key(limited: LimitedOf) -> None:
    server = limited(requests_per_minute=1)
    token = server.keys.token(server.key.headers)
    as_token = JSON_ONLY | {"authorization": f"Bearer {token}"}
    assert not result_of(call(server, "verify", VERIFY, as_token)).get("isError")
    assert "rate_limit_exceeded" in result_of(call(server, "verify", VERIFY))["content"][0]["text"]


@pytest.mark.parametrize("headers", [JSON_ONLY, BOTH], ids=["json", "events"])
def test_a_call_gives_its_place_back(limited: LimitedOf, headers: dict[str, str]) -> None:
    server = limited(concurrent_requests=1)
    for name, arguments in [*CALLS, ("batch_list", {}), ("verify", {}), ("nothing", {})]:
        send(server, "tools/call", {"name": name, "arguments": arguments}, headers)
        assert server.running == 0


@pytest.mark.parametrize("headers", [JSON_ONLY, BOTH], ids=["json", "events"])
def test_who_leaves_in_the_middle_of_a_call_gives_the_place_back(limited: LimitedOf, headers: dict[str, str]) -> None:
    server = limited(concurrent_requests=1)
    arguments = {"prompt": "Hello there", "model": "silent"}  # whose answer never comes
    call_ = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "chat", "arguments": arguments}}

    async def run() -> None:
        given: list[Any] = [{"type": "http.request", "body": json.dumps(call_).encode(), "more_body": False}]

        async def receive() -> Any:
            if given:
                return given.pop()
            async with asyncio.timeout(LIMIT_S):
                while not server.running:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
            return {"type": "http.disconnect"}

        async def send_(message: Any) -> None:
            return None

        async with asyncio.timeout(LIMIT_S):
            await server.client.app(post_scope("/v1/mcp", {**headers, **server.key.headers}), receive, send_)

    assert server.client.portal
    server.client.portal.call(run)
    assert server.running == 0
