"""Marks in all that callers send, through every endpoint and tool, answered and failing in every way: none of them is
found in the log at its most talkative, in the figures, in what others are answered, or, of a key, in the data folder.
"""

import io
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import RunningServer, RunningUpstream
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from inference.judges.scripted import ScriptedJudge
from server.accounts.key_text import new_key
from server.app import create_app
from server.house import build_house
from server.observe.logs import configure_logs
from server.settings import Settings
from tests.robustness.raw_http import post_head
from tests.robustness.standstill import answer_to_at_once
from tests.robustness.waiting import wait_until
from tests.server.callers import SETTINGS_KEY, Headers, Keys, bearer
from tests.server.limited import PLAN, plans_file

MARK = "xq7mark"
"""In all that is sent, followed by what it is. In no word of ours."""

BEHAVIOURS = ("echo", "tools", "failing", "loading", "full", "narrow", "strict", "locked", "garbage", "dropping")
"""Of the engine. "breaking" is asked for as a stream."""

ENDED = ("completed", "failed", "cancelled", "expired")


def mark(what: str) -> str:
    return f"{MARK}-{what}"


class Faulty(ScriptedJudge):
    """Quotes what it was asked in a fault."""

    async def judge(self, *asked: Any) -> AsyncIterator[Any]:
        raise ValueError(f"no verdict on {asked}") from KeyError(str(asked))
        yield


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log as an operator gets it at level debug."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    handlers, level = logging.root.handlers, logging.root.level
    configure_logs("debug", request.param)
    yield written
    logging.root.handlers, logging.root.level = handlers, level


def verifications() -> list[dict[str, Any]]:
    """Bodies that are answered, cannot be answered, and are refused."""
    asked = {"prompt": f"When was {mark('prompt')} built?", "output": f"The {mark('output')} was built in 1889."}
    return [
        asked,
        asked | {"context": f"The {mark('document')} was built in 1889."},
        asked | {"return_search_results": True, "stream": True},
        asked | {"model": mark("model")},
        asked | {"context": 7, mark("unknown-field"): mark("value")},
        asked | {"output": mark("long") * 100_000},
        {"prompt": "\ud800" + mark("surrogate"), "output": mark("output")},
    ]


def chats() -> list[dict[str, Any]]:
    tool = {"type": "function", "function": {"name": "f", "description": mark("tool"), "parameters": {}}}
    messages = [
        {"role": "system", "content": mark("system")},
        {"role": "user", "content": [{"type": "text", "text": mark("message")}]},
    ]
    asked = {"messages": messages, "user": mark("user"), "metadata": {mark("name"): mark("value")}, "tools": [tool]}
    verified = [{"role": "user", "content": mark("question")}, {"role": "assistant", "content": mark("answer") + "."}]
    return [
        *({"model": behaviour, **asked} for behaviour in BEHAVIOURS),
        *({"model": behaviour, **asked, "stream": True} for behaviour in (*BEHAVIOURS, "breaking")),
        {"model": mark("model"), **asked},
        {"model": "klusterai/verify-reliability", "messages": verified},
        {"model": "klusterai/verify-reliability", "messages": verified, "stream": True},
        {"model": "echo", "messages": mark("no-list")},
    ]


def batch_lines() -> bytes:
    lines = []
    for number, model in enumerate(("echo", "strict", "garbage", mark("model"))):  # which nobody asks a second time
        body = {"model": model, "messages": [{"role": "user", "content": mark("line")}]}
        custom_id = f"{mark('custom-id')}-{number}"
        lines.append({"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def tools() -> list[tuple[str, dict[str, Any]]]:
    asked = {"prompt": mark("prompt"), "response": f"The {mark('response')} was built in 1889."}
    line = {"prompt": mark("kept"), "response": mark("kept"), "custom_id": mark("custom-id")}
    return [
        ("verify", asked),
        ("verify", asked | {"returnSearchResults": mark("no-bool")}),
        ("verify_document", asked | {"documentContent": f"The {mark('document')} was built in 1889."}),
        *(("chat", {"model": behaviour, "prompt": mark("prompt")}) for behaviour in BEHAVIOURS),
        ("chat", {"model": mark("model"), "prompt": mark("prompt"), "verify": True}),
        ("batch_submit", {"lines": [line], "metadata": {mark("name"): mark("value")}}),
        ("batch_submit", {"lines": [line, line]}),
        ("batch_submit", {"file_id": mark("file-id")}),
        *((name, {"batch_id": mark("batch-id")}) for name in ("batch_get", "batch_results", "batch_cancel")),
        ("batch_list", {"after": mark("after")}),
        (mark("tool"), asked),
    ]


def send_to_rest(client: TestClient, headers: Headers) -> None:
    for body in verifications():
        send(client, "/v1/verify/reliability", headers, body)
    for body in chats():
        send(client, "/v1/chat/completions", headers, body)
    for model in (*BEHAVIOURS, mark("model")):
        send(client, "/v1/completions", headers, {"model": model, "prompt": mark("prompt"), "user": mark("user")})
        send(client, "/v1/embeddings", headers, {"model": model, "input": [mark("input")]})
    for path in ("/v1/verify/reliability", "/v1/chat/completions", "/v1/embeddings", "/v1/batches", "/v1/mcp"):
        client.post(path, content=f'{{"{mark("broken-json")}": ', headers=headers)
        client.post(path, content=mark("no-utf-8").encode() + b"\xff", headers=headers)
    for path in ("/v1/models/", "/v1/files/", "/v1/batches/", f"/{MARK}/", "/v1/uploads/"):
        client.get(f"{path}{mark('id')}?after={mark('query')}", headers=headers)
        client.delete(f"{path}{mark('id')}", headers=headers)


def send(client: TestClient, path: str, headers: Headers, body: dict[str, Any]) -> None:
    client.post(path, content=json.dumps(body), headers=headers)


def send_to_mcp(client: TestClient, headers: Headers) -> None:
    requests = [("tools/call", {"name": name, "arguments": arguments}) for name, arguments in tools()]
    requests += [
        ("resources/read", {"uri": f"touchstone://{mark('resource')}"}),
        ("resources/read", {"uri": f"touchstone://batch/{mark('batch')}/results?cursor={mark('cursor')}"}),
        ("prompts/get", {"name": "verify", "arguments": {"response": mark("response"), "question": mark("question")}}),
        ("prompts/get", {"name": mark("name")}),
        (mark("method"), {mark("name"): mark("value")}),
    ]
    for accept in ("application/json", "text/event-stream"):
        for method, params in requests:
            message = {"jsonrpc": "2.0", "id": mark("message-id"), "method": method, "params": params}
            client.post("/v1/mcp", json=message, headers={**headers, "accept": accept})


def keep(client: TestClient, headers: Headers) -> None:
    """Files, uploads and batches, and all of them read, listed and ended."""
    file_id = upload(client, headers, batch_lines())
    broken = upload(client, headers, f'{{"custom_id": "{mark("custom-id")}"}}\n{mark("no-json")}\n'.encode())
    client.post("/v1/files", files={"file": (mark("file-name") + "\0", b"")}, data={"purpose": mark("purpose")})
    for kept in (file_id, broken):
        asked = {"input_file_id": kept, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        asked |= {"metadata": {mark("name"): mark("value")}}  # type: ignore[dict-item]
        batch_id = client.post("/v1/batches", json=asked, headers=headers).json()["id"]
        path = f"/v1/batches/{batch_id}"
        wait_until(lambda path=path: client.get(path, headers=headers).json()["status"] in ENDED, "it has ended", 120)  # type: ignore[misc]
    form = {"filename": mark("file-name"), "purpose": "batch", "bytes": 4, "mime_type": mark("mime-type")}
    upload_id = client.post("/v1/uploads", json=form | {"mime_type": "application/jsonl"}, headers=headers).json()["id"]
    client.post("/v1/uploads", json=form, headers=headers)
    client.post(f"/v1/uploads/{upload_id}/parts", files={"data": (mark("part"), MARK.encode())}, headers=headers)
    client.post(f"/v1/uploads/{upload_id}/complete", json={"part_ids": [mark("part-id")]}, headers=headers)
    assert mark("line") in client.get(f"/v1/files/{file_id}/content", headers=headers).text


def upload(client: TestClient, headers: Headers, content: bytes) -> str:
    form: dict[str, Any] = {"files": {"file": (mark("file-name"), content)}, "data": {"purpose": "batch"}}
    file_id: str = client.post("/v1/files", headers=headers, **form).json()["id"]
    return file_id


def knock(client: TestClient, wrong: list[str]) -> None:
    """With keys that are none, in each of the places where one may stand, and in some where none belongs."""
    for key in wrong:
        for path in ("/v1/models", "/v1/mcp", "/metrics", "/v1/files"):
            for headers in (bearer(key), {"x-api-key": key}, {"authorization": f"Basic {key}"}, {"cookie": key}):
                client.post(path, headers=headers)
        client.get("/v1/files", params={"api_key": key, "after": key})


def as_seen_by(client: TestClient, headers: Headers) -> str:
    """All that somebody else is told."""
    paths = ("/v1/files", "/v1/batches", "/v1/models", "/metrics", "/ready", "/health", "/openapi.json", "/")
    answers = [client.get(path, headers=headers).text for path in paths]
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "batch_list", "arguments": {}}}
    return "\n".join([*answers, client.post("/v1/mcp", json=call, headers=headers).text])


def break_store(folder: Path) -> None:
    """Takes tables away, so that what is sent next is in statements that fail."""
    with sqlite3.connect(next(folder.rglob("*.sqlite3"))) as connection:
        for table in ("files", "batches", "uploads"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.close()


@pytest.mark.timeout(240)
def test_no_mark_is_found_where_it_does_not_belong(tmp_path: Path, log: io.StringIO) -> None:
    engine = RunningUpstream()
    keys = (SecretStr(SETTINGS_KEY),)
    settings = Settings(
        data_dir=tmp_path / "data", web_search=False, api_keys=keys, engine_url=(engine.url,), log_level="debug"
    )
    house = build_house(settings, judge=Faulty({}))
    wrong = [mark("wrong-key"), new_key(), new_key().replace("tsk_", "tsm_")]
    with opened(create_app(settings)) as client:
        made = Keys(client)
        ann, gone, bob = made.made(mark("key-name")), made.revoked("gone"), made.made("bob")
        token, off = made.token(ann.headers), made.disabled_token(bob.headers)
        send_to_rest(client, ann.headers)
        send_to_mcp(client, bearer(token))
        keep(client, ann.headers)
        knock(client, [*wrong, gone.text, off])
        others = as_seen_by(client, bob.headers)
        figures = client.get("/metrics", headers=bearer(SETTINGS_KEY)).text
        engine.stop()
        send_to_rest(client, ann.headers)
    with opened(create_app(settings, house)) as client:
        send_to_rest(client, ann.headers)
        send_to_mcp(client, ann.headers)
        break_store(tmp_path)
        send_to_mcp(client, ann.headers)
        upload_fails(client, ann.headers)
        figures += client.get("/metrics", headers=bearer(SETTINGS_KEY)).text
    secrets = [MARK, ann.text, gone.text, bob.text, token, off, SETTINGS_KEY, *wrong]
    assert "fault" in log.getvalue()
    assert "debug" in log.getvalue().lower()
    for name, text in {"log": log.getvalue(), "figures": figures, "others": others}.items():
        assert [line for line in text.splitlines() if any(secret in line for secret in secrets)] == [], name
    assert kept_in_clear(tmp_path, [secret for secret in secrets if secret not in (MARK, mark("wrong-key"))]) == []
    live = [mark(what) for what in ("prompt", "output", "document", "message", "system", "input", "question", "answer")]
    assert kept_in_clear(tmp_path, live) == []


REFUSED = {403, 429}
TIGHT = {"context_tokens": 3, "requests_per_minute": 12, "other_requests_per_minute": 4}


def test_what_a_plan_refuses_leaves_no_mark(tmp_path: Path, log: io.StringIO, upstream: RunningUpstream) -> None:
    settings = Settings(
        data_dir=tmp_path / "data",
        web_search=False,
        require_keys=True,
        engine_url=(upstream.url,),
        log_level="debug",
        plans_file=plans_file(tmp_path, **TIGHT),
        default_plan=PLAN,
    )
    with opened(create_app(settings)) as client:
        made = Keys(client)
        ann, lost = made.made(mark("key-name")), made.made("lost", plan=mark("no-plan"))
        token = made.token(ann.headers)
        seen: list[int] = []
        client.event_hooks["response"].append(lambda answer: seen.append(answer.status_code))
        for headers in (ann.headers, bearer(token), lost.headers):
            send_to_rest(client, headers)
            send_to_mcp(client, headers)
    assert set(seen) >= REFUSED
    assert "rate_limit" in log.getvalue() or "429" in log.getvalue()
    secrets = (MARK, ann.text, lost.text, token)
    assert [line for line in log.getvalue().splitlines() if any(secret in line for secret in secrets)] == []


def test_what_comes_too_late_leaves_no_mark(start_server: Callable[..., RunningServer]) -> None:
    server = start_server(TOUCHSTONE_BODY_TIMEOUT_S="1", TOUCHSTONE_LOG_LEVEL="debug")
    for head in (
        post_head("/v1/verify/reliability", "Content-Length: 900", f"x-api-key: {mark('key')}"),
        f"POST /v1/verify/reliability?{mark('query')} HTTP/1.1\r\nAuthorization: Bearer {mark('key')}\r\n".encode(),
    ):
        answer = answer_to_at_once(server, head + mark("half").encode())
        assert (answer.status, answer.error()["code"]) == (408, "body_timeout")
        assert MARK not in answer.error()["message"]
    assert MARK not in server.log()


def opened(app: Starlette) -> TestClient:
    """A client that takes a stream which a fault cut short for an answer, as one over the network would."""
    return TestClient(app, base_url="http://127.0.0.1:3001", raise_server_exceptions=False)


def upload_fails(client: TestClient, headers: Headers) -> None:
    form: dict[str, Any] = {"files": {"file": (mark("file-name"), MARK.encode())}, "data": {"purpose": "batch"}}
    assert client.post("/v1/files", headers=headers, **form).status_code >= 500


def kept_in_clear(folder: Path, secrets: list[str]) -> list[tuple[str, str]]:
    """Files below `folder`, and what of `secrets` is in them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [(path.name, secret) for path in files for secret in secrets if secret.encode() in path.read_bytes()]
