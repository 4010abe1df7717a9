"""Hundreds of requests at once, over keys and models, at real servers that are stopped, on stores of both kinds: the
store has what the answers said."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import REPOSITORY, STOP_TIMEOUT_S, RunningServer, RunningUpstream

from inference.usage.used import NOTHING, Used
from server.wire.verification import VERIFY_MODEL
from tests.robustness.command_line import COMMAND, environment
from tests.robustness.waiting import wait_until
from tests.server.accounts.keys_made import by_key_and_model, make_keys, url_of

pytestmark = pytest.mark.process

CHAT = "/v1/chat/completions"
REQUESTS = 240
AT_ONCE = 40
NAMES = ("anna", "boris", "clara")

HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a test", "version": "1"}}


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningUpstream]:
    running = RunningUpstream()
    yield running
    running.stop()


def request_of(number: int) -> tuple[str, dict[str, Any]]:
    """A request of one of five kinds, of its own length."""
    text = "one two " * (number % 7 + 1)
    messages = [{"role": "user", "content": text}]
    match number % 5:
        case 0:
            return CHAT, {"model": "echo", "messages": messages}
        case 1:
            return CHAT, {"model": "echo", "messages": messages, "stream": True}
        case 2:
            return "/v1/embeddings", {"model": "tools", "input": text}
        case 3:
            return CHAT, {
                "model": "echo",
                "messages": messages,
                "stream": True,
                "stream_options": {"include_usage": True},
            }
        case _:
            asked = {"prompt": "What is the rent?", "output": "The rent is 9 EUR.", "context": "The rent is 7 EUR."}
            return "/v1/verify/reliability", asked


async def ask(client: httpx.AsyncClient, url: str, number: int, key: str) -> tuple[str, Used]:
    """Sends one request. The model that it asked, and what the answer says that it used."""
    path, body = request_of(number)
    answer = await client.post(url + path, json=body, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    if body.get("stream"):  # of which only some callers are told
        return body["model"], Used(1, 3, len(body["messages"][-1]["content"].split()))
    usage = answer.json()["usage"]
    return body.get("model", VERIFY_MODEL), Used(1, usage["prompt_tokens"], usage.get("completion_tokens", 0))


async def ask_all(urls: list[str], keys: list[tuple[str, str]]) -> dict[tuple[str, str], Used]:
    """Sends REQUESTS, AT_ONCE at a time, to the servers in turn. What the answers said, by key id and model."""
    sums: dict[tuple[str, str], Used] = {}
    numbers = iter(range(REQUESTS))
    async with httpx.AsyncClient(timeout=150, trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE)) as client:

        async def go_on() -> None:
            for number in numbers:
                key_id, key = keys[number // 2 % len(keys)]
                model, used = await ask(client, urls[number % len(urls)], number, key)
                sums[key_id, model] = sums.get((key_id, model), NOTHING) + used

        await asyncio.gather(*(go_on() for _ in range(AT_ONCE)))
    return sums


def test_after_a_stop_the_sums_of_two_servers_on_one_store_are_what_the_answers_said(
    store_url: str, start_server: Callable[..., RunningServer], upstream: RunningUpstream
) -> None:
    keys = [(key.id, key.text) for key in make_keys(store_url, *NAMES).values()]
    flags = ("--require-keys", "--engine-url", upstream.url)
    servers = [start_server(*flags, TOUCHSTONE_DATABASE_URL=store_url) for _ in range(2)]
    said = asyncio.run(ask_all([server.url for server in servers], keys))
    assert [server.stop() for server in servers] == [0, 0]
    assert by_key_and_model(store_url) == said
    assert sum(used.requests for used in said.values()) == REQUESTS
    assert len(said) == 3 * len(NAMES)


def test_a_request_that_runs_on_while_the_server_stops_is_counted(
    start_server: Callable[..., RunningServer], upstream: RunningUpstream, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    server = start_server("--engine-url", upstream.url, data_dir=data)
    body = {"model": "slow", "messages": [{"role": "user", "content": "a b c d"}], "stream": True}
    body |= {"stream_options": {"include_usage": True}}
    with server.client() as client, client.stream("POST", CHAT, json=body) as answer:
        chunks = answer.iter_lines()
        next(chunks)
        server.process.send_signal(signal.SIGTERM)
        assert list(chunks)[-1] == ""
    assert server.stop() == 0
    assert by_key_and_model(url_of(data)) == {("local", "slow"): Used(1, 3, 4)}


def test_a_kill_loses_no_more_than_what_was_used_since_the_last_write(
    start_server: Callable[..., RunningServer], upstream: RunningUpstream, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    server = start_server("--engine-url", upstream.url, data_dir=data)
    body = {"model": "echo", "messages": [{"role": "user", "content": "a b c d"}]}
    with server.client() as client:
        assert client.post(CHAT, json=body).status_code == 200
    whole = {("local", "echo"): Used(1, 3, 4)}  # of which the request may be written before its tokens
    wait_until(lambda: by_key_and_model(url_of(data)) == whole, "it is written")
    server.process.kill()
    server.process.wait()
    assert by_key_and_model(url_of(data)) == whole


def test_what_an_assistant_uses_over_stdio_is_counted_as_this_machines_own(tmp_path: Path) -> None:
    texts = {"prompt": "What is the rent?", "response": "It is 9 EUR.", "documentContent": "The rent is 7 EUR."}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "verify_document", "arguments": texts},
        },
    ]
    with subprocess.Popen(
        [*COMMAND, "mcp"],
        cwd=REPOSITORY,
        env=environment(tmp_path / "data"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        answers = (json.loads(line) for line in process.stdout)
        said = next(answer["result"] for answer in answers if answer.get("id") == 2)["structuredContent"]["confidence"]
        process.stdin.close()
        assert process.wait(STOP_TIMEOUT_S) == 0
    used = Used(1, said["prompt_tokens"], said["completion_tokens"])
    assert by_key_and_model(url_of(tmp_path / "data")) == {("local", VERIFY_MODEL): used}
