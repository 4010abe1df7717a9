"""The MCP tool `chat` with a real server before a real engine: what goes wrong on the way, and a client that leaves."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import REPOSITORY, RunningServer, RunningUpstream
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests.robustness.raw_http import connection, drop, post
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

WAIT_S = 90.0
MCP = "/v1/mcp"
QUESTION = "Where is the Eiffel Tower?"
FALSE = "The Eiffel Tower is located in Rome."
JSON_ONLY = {"accept": "application/json"}
BOTH = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def engine() -> Iterator[RunningUpstream]:
    running = RunningUpstream({QUESTION: FALSE})
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, engine: RunningUpstream) -> Iterator[RunningServer]:
    flags = ("--engine-url", engine.url, "--engine-timeout-s", "1")
    running = RunningServer(tmp_path_factory.mktemp("server") / "data", *flags)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def patient_server(tmp_path_factory: pytest.TempPathFactory, engine: RunningUpstream) -> Iterator[RunningServer]:
    """One that would wait for the engine longer than any test."""
    running = RunningServer(tmp_path_factory.mktemp("patient") / "data", "--engine-url", engine.url)
    yield running
    running.stop()


def call_of(model: str, **more: Any) -> dict[str, Any]:
    params = {"name": "chat", "arguments": {"prompt": QUESTION, "model": model} | more}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def chat(server: RunningServer, model: str, **more: Any) -> dict[str, Any]:
    with server.client() as client:
        answer = client.post(MCP, json=call_of(model, **more), headers=JSON_ONLY)
    result: dict[str, Any] = answer.raise_for_status().json()["result"]
    return result


@pytest.mark.parametrize("model", ["echo", "slow"])
def test_the_answer_comes_with_verdicts_on_its_claims(patient_server: RunningServer, model: str) -> None:
    body = chat(patient_server, model, verify=True)["structuredContent"]
    assert (body["content"], body["finish_reason"]) == (FALSE, "stop")
    (claim,) = body["verification"]["claims"]
    assert (claim["text"], claim["verdict"], bool(claim["evidence"])) == (FALSE, "refuted", True)


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("silent", "engine_unavailable"),
        ("stalling", "engine_unavailable"),
        ("breaking", "engine_unavailable"),
        ("dropping", "engine_unavailable"),
        ("loading", "engine_unavailable"),
        ("failing", "engine_error"),
        ("full", "overloaded"),
        ("narrow", "context_length_exceeded"),
        ("garbage", "engine_unreadable"),
        ("locked", "engine_error"),
        ("unheard-of", "model_not_found"),
    ],
)
def test_whatever_the_engine_does_the_client_gets_words_and_no_answer(
    server: RunningServer, patient_server: RunningServer, model: str, code: str
) -> None:
    says_nothing = model in ("silent", "stalling")
    result = chat(server if says_nothing else patient_server, model, verify=True)
    assert result["isError"] is True
    assert result["content"][0]["text"].startswith(f"{code}: ")
    assert "structuredContent" not in result


@pytest.mark.parametrize("headers", [JSON_ONLY, BOTH], ids=["JSON", "events"])
def test_a_client_that_leaves_aborts_the_engines_work(
    patient_server: RunningServer, engine: RunningUpstream, headers: dict[str, str]
) -> None:
    server = patient_server
    received, aborted = len(engine.upstream.received), engine.upstream.aborted
    with connection(server.url) as opened:
        opened.sendall(post(MCP, call_of("silent"), f"Accept: {headers['accept']}"))
        wait_until(lambda: len(engine.upstream.received) > received, "the engine hears the question")
        drop(opened)
    wait_until(lambda: engine.upstream.aborted > aborted, "the engine's work is aborted")
    assert "Traceback" not in server.log()


async def test_over_stdio_an_engine_that_runs_is_asked_too(tmp_path: Path, engine: RunningUpstream) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    settings = {"TOUCHSTONE_DATA_DIR": str(tmp_path), "TOUCHSTONE_WEB_SEARCH": "false"}
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "server.cli", "mcp", "--engine-url", engine.url],
        env=clean | settings,
        cwd=str(REPOSITORY),
    )
    async with asyncio.timeout(WAIT_S), Client(command) as client:
        result = await client.call_tool("chat", {"prompt": QUESTION, "model": "echo"})
    assert result.structured_content["content"] == FALSE
