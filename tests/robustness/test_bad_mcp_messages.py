"""Messages that are no MCP: a JSON-RPC error in plain words or an error result, over HTTP and over standard input."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import REPOSITORY
from starlette.testclient import TestClient

PATH = "/v1/mcp"
JSON_ONLY = "application/json"
EVENTS = "application/json, text/event-stream"
CALL: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "verify", "arguments": {"prompt": "What?", "response": "Happy to help!"}},
}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
STDIO_TIMEOUT_S = 120


@pytest.fixture(scope="module")
def client(standing: Callable[..., TestClient]) -> TestClient:
    """One for all: what one text or message breaks, every later one shows."""
    return standing()


@pytest.fixture(autouse=True)
def _the_next_call_works(client: TestClient) -> Any:
    yield
    assert post(client, CALL).json()["result"]["structuredContent"]["verdict"] == "nothing_to_check"


def post(client: TestClient, message: Any, accept: str = JSON_ONLY, **headers: str) -> Any:
    sent = {"accept": accept, "content-type": JSON_ONLY} | {n.replace("_", "-"): v for n, v in headers.items()}
    return client.post(PATH, content=json.dumps(message), headers=sent)


def answer_in(text: str, accept: str) -> Any:
    """The one JSON-RPC answer in a body, plain or as an event."""
    if accept == EVENTS and text.startswith("event: "):
        (text,) = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return json.loads(text)


@pytest.mark.parametrize("accept", [JSON_ONLY, EVENTS], ids=["json", "events"])
@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        ([CALL], -32600, "batches"),
        ([CALL, CALL | {"id": 2}], -32600, "batches"),
        ([], -32600, "batches"),
        ("text", -32600, "JSON string"),
        (7, -32600, "JSON number"),
        (None, -32600, "JSON null"),
        ({}, -32600, "jsonrpc"),
        ({"id": 1, "method": "tools/list"}, -32600, "jsonrpc"),
        (LIST | {"jsonrpc": "1.0"}, -32600, "jsonrpc"),
        (LIST | {"jsonrpc": 2.0}, -32600, "jsonrpc"),
        (LIST | {"id": None}, -32600, "id is a JSON null"),
        (LIST | {"id": True}, -32600, "id is a JSON boolean"),
        (LIST | {"id": 1.5}, -32600, "id is a JSON number"),
        (LIST | {"id": {}}, -32600, "id is a JSON object"),
        (LIST | {"id": [1]}, -32600, "id is a JSON array"),
        (LIST | {"method": 7}, -32600, "method"),
        (LIST | {"method": None}, -32600, "method"),
        ({"jsonrpc": "2.0", "id": 1}, -32600, "method"),
        (LIST | {"params": [1]}, -32602, "params is a JSON array"),
        (LIST | {"params": "a"}, -32602, "params is a JSON string"),
    ],
    ids=lambda value: json.dumps(value)[:60] if not isinstance(value, int) else str(value),
)
def test_what_is_no_message_is_a_protocol_error_in_plain_words(
    client: TestClient, message: Any, code: int, said: str, accept: str
) -> None:
    answer = post(client, message, accept)
    assert answer.status_code == 400
    error = answer.json()
    assert (error["jsonrpc"], error["error"]["code"]) == ("2.0", code)
    assert said in error["error"]["message"]
    assert "pydantic" not in answer.text
    assert error["id"] == (
        1 if isinstance(message, dict) and message.get("id") == 1 and message.get("id") is not True else None
    )


@pytest.mark.parametrize("accept", [JSON_ONLY, EVENTS], ids=["json", "events"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": "nothing/here"}, -32601),
        ({"method": ""}, -32601),
        ({"method": "x" * 100_000}, -32601),
        ({"params": None}, -32602),
        ({"params": {}}, -32602),
        ({"params": {"name": 7}}, -32602),
        ({"params": {"name": "erase_everything", "arguments": {}}}, -32602),
        ({"params": {"name": "verify", "arguments": "text"}}, -32602),
        ({"method": "resources/read", "params": {"uri": "file:///etc/passwd"}}, -32602),
        ({"method": "resources/read", "params": {"uri": "\0"}}, -32602),
        ({"method": "prompts/get", "params": {"name": "nothing"}}, -32602),
        ({"method": "prompts/get", "params": {"name": "verify", "arguments": {"response": 7}}}, -32602),
    ],
    ids=repr,
)
def test_a_call_that_cannot_be_made_is_a_protocol_error(
    client: TestClient, change: dict[str, Any], code: int, accept: str
) -> None:
    answer = post(client, CALL | change, accept)
    body = answer_in(answer.text, accept)
    assert (body["id"], body["error"]["code"]) == (1, code)


@pytest.mark.parametrize("accept", [JSON_ONLY, EVENTS], ids=["json", "events"])
@pytest.mark.parametrize(
    "name", [0, -1, 2**53, 2**63, 10**300, "", "x" * 100_000, "1", "\0", "ü\n"], ids=lambda v: str(v)[:12]
)
def test_any_string_or_whole_number_comes_back_as_the_id(client: TestClient, name: int | str, accept: str) -> None:
    body = answer_in(post(client, CALL | {"id": name}, accept).text, accept)
    assert body["id"] == name
    assert "result" in body


def test_a_number_too_long_to_be_an_id_is_a_parse_error(client: TestClient) -> None:
    sent = json.dumps(CALL).replace('"id": 1', '"id": 1' + "0" * 100_000)
    answer = client.post(PATH, content=sent, headers={"accept": JSON_ONLY, "content-type": JSON_ONLY})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32700)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/jsonp", "multipart/form-data", ""]
)
def test_another_content_type_is_refused_with_the_right_one(client: TestClient, content_type: str) -> None:
    answer = post(client, CALL, content_type=content_type)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, -32600)
    assert "application/json" in answer.json()["error"]["message"]


def test_the_content_type_may_name_a_charset(client: TestClient) -> None:
    assert post(client, CALL, content_type="application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "image/*", "text/event-stream"])
def test_a_client_that_takes_no_json_is_told_so(client: TestClient, accept: str) -> None:
    answer = post(client, CALL, accept)
    assert (answer.status_code, answer.json()["error"]["code"]) == (406, -32600)


@pytest.mark.parametrize("version", ["1999-01-01", "x" * 5_000, "2026-07-28", "9999-12-31", " "])
@pytest.mark.parametrize("accept", [JSON_ONLY, EVENTS], ids=["json", "events"])
def test_an_unknown_protocol_version_is_answered_with_an_error_or_served(
    client: TestClient, version: str, accept: str
) -> None:
    answer = post(client, CALL, accept, mcp_protocol_version=version)
    body = answer_in(answer.text, accept)
    assert ("error" in body) != ("result" in body)
    assert answer.status_code == (400 if "error" in body else 200)


def test_a_session_that_nobody_opened_does_no_harm(client: TestClient) -> None:
    assert "result" in post(client, CALL, mcp_session_id="nobody's").json()


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
        {"jsonrpc": "2.0", "method": "notifications/unknown"},
        {"jsonrpc": "2.0", "method": "tools/call", "params": CALL["params"]},
        {"jsonrpc": "2.0", "id": 9, "result": {}},
        {"jsonrpc": "2.0", "id": 9, "error": {"code": 1, "message": "no"}},
    ],
    ids=lambda message: json.dumps(message)[:60],
)
def test_what_asks_for_no_answer_is_accepted_without_one(client: TestClient, message: Any) -> None:
    answer = post(client, message)
    assert (answer.status_code, answer.content) == (202, b"")


@pytest.mark.process
def test_over_standard_input_a_bad_line_is_answered_or_passed_over_and_the_next_is_served(tmp_path: Path) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": "hello",
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
    }
    bad = ["garbage", "{", "[]", "null", "[" * 10_000, '"\\ud800"', json.dumps(LIST | {"id": None})]
    good = [json.dumps(hello), json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})]
    lines = [*bad, good[0], *bad, good[1], *bad, json.dumps(CALL | {"id": "last"})]
    command = [sys.executable, "-m", "server.cli", "mcp", "--no-web-search", "--data-dir", str(tmp_path / "data")]
    answers: dict[str | None, Any] = {}
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdin
        assert process.stdout
        late = threading.Timer(STDIO_TIMEOUT_S, process.kill)
        late.start()
        process.stdin.write("\n".join(lines).encode() + b"\n\xff\xfe\n")
        process.stdin.flush()
        while "last" not in answers and (row := process.stdout.readline()):
            answer = json.loads(row)
            answers[answer.get("id")] = answer
        process.stdin.close()  # only now: a client that closes gives up what it has asked
        process.wait(STDIO_TIMEOUT_S)
        late.cancel()
    assert "result" in answers["hello"]
    assert "result" in answers["last"], (tmp_path / "log").read_text()[-2_000:]
    assert process.returncode == 0
