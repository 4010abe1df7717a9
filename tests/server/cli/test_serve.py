"""`touchstone serve` and `touchstone mcp` as processes."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from harness import REPOSITORY, RunningServer

from tests.robustness.command_line import touchstone
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

LIMIT_S = 90


def test_the_sample_goes_over_the_wire_and_a_config_is_printed(start_server: Callable[..., RunningServer]) -> None:
    server = start_server("--sample")
    wait_until(lambda: "Ctrl-C stops" in server.log(), "the sample, which runs beside the server, is through", LIMIT_S)
    log = server.log()
    assert "/v1/verify/reliability" in log
    assert "tools/call" in log
    assert log.count("refuted") >= 2
    assert f'"url": "{server.url}/v1/mcp"' in log


def test_it_stops_in_order_when_told_to(start_server: Callable[..., RunningServer]) -> None:
    server = start_server(fresh=True)
    assert httpx.get(f"{server.url}/ready", trust_env=False).status_code == 200
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(LIMIT_S) == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = touchstone(tmp_path / "data", "serve", "--port", port)
    assert answer.returncode == 2
    assert port in answer.stderr
    assert "--port" in answer.stderr


def test_a_server_that_is_to_be_its_own_engine_does_not_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    answer = touchstone(tmp_path / "data", "serve", "--port", port, "--engine-url", f"http://localhost:{port}")
    assert (answer.returncode, "is this server itself" in answer.stderr) == (2, True)


def test_no_log_line_shows_a_key_or_what_was_asked(start_server: Callable[..., RunningServer]) -> None:
    server = start_server(TOUCHSTONE_API_KEYS="key-that-must-not-show", TOUCHSTONE_LOG_LEVEL="debug")
    ask = {"prompt": "Secretprompt?", "output": "Secretoutput is blue.", "context": "Secretcontext is red."}
    with server.client(headers={"x-api-key": "key-that-must-not-show"}) as client:
        assert client.post("/v1/verify/reliability", json=ask).status_code == 200
        assert client.post("/v1/verify/reliability?q=Secretquery", json=ask | {"output": 1}).status_code == 400
        assert client.get("/Secretpath").status_code == 404
    server.stop()
    assert "route=/v1/verify/reliability" in server.log()
    assert "ecret" not in server.log()
    assert "key-that-must-not-show" not in server.log()


def test_metrics_count_requests_verdicts_and_failures(start_server: Callable[..., RunningServer]) -> None:
    with start_server().client() as client:
        wrong = {"prompt": "Where is the Eiffel Tower?", "output": "The Eiffel Tower is in Rome."}
        client.post("/v1/verify/reliability", json=wrong)
        client.post("/v1/verify/reliability", json=wrong | {"output": " "})
        text = client.get("/metrics").text
    assert 'touchstone_verdicts_total{judge="touchstone-minilm",verdict="refuted"} 1.0' in text
    assert 'touchstone_failures_total{code="invalid_input"} 1.0' in text
    assert 'touchstone_requests_total{route="/v1/verify/reliability",status="200"} 1.0' in text


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
def test_stdio_serves_a_client_and_ends_with_it(tmp_path: Path, version: str) -> None:
    messages = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {
                "name": "verify_document",
                "arguments": {
                    "prompt": "Colour?",
                    "response": "The door is red.",
                    "documentContent": "The door is red.",
                },
            },
        },
    ]
    command = [sys.executable, "-m", "server.cli", "mcp", "--no-web-search"]
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=os.environ | {"TOUCHSTONE_DATA_DIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.stdin.close()
        assert process.wait(LIMIT_S) == 0
    assert answers[0]["result"]["protocolVersion"] == version
    assert answers[1]["result"]["structuredContent"]["verdict"] == "supported"
