"""Limits of a server in a process of its own: clients that leave, many at once, a real SDK that waits."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openai
import pytest
from harness import RunningServer, RunningUpstream

from tests.robustness.raw_http import connection, drop, post
from tests.robustness.waiting import wait_until
from tests.server.accounts.keys_made import make_keys, url_of
from tests.server.callers import Key
from tests.server.limited import LIMIT, PLAN, plans_file

pytestmark = pytest.mark.process

CHAT = "/v1/chat/completions"
CONCURRENT, PER_MINUTE = 4, 60
ROUNDS = 12


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, upstream: RunningUpstream) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("server")
    plans = plans_file(folder, requests_per_minute=PER_MINUTE, concurrent_requests=CONCURRENT)
    flags = ["--require-keys", "--engine-url", upstream.url, "--plans-file", str(plans), "--default-plan", PLAN]
    data_dir = folder / "data"
    data_dir.mkdir()
    make_keys(url_of(data_dir), "without which it does not start")
    running = RunningServer(data_dir, *flags)
    yield running
    running.stop()


@pytest.fixture
def key(server: RunningServer) -> Key:
    return make_keys(url_of(server.data_dir), "ann")["ann"]


@pytest.fixture
def root(server: RunningServer) -> Key:
    return make_keys(url_of(server.data_dir), admin="root")["root"]


def chat(model: str, stream: bool = False) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello there"}], "stream": stream}


async def statuses(server: RunningServer, key: Key, body: dict[str, Any], count: int) -> Counter[int]:
    """Of so many requests at once."""
    limits = httpx.Limits(max_connections=count)
    async with httpx.AsyncClient(base_url=server.url, limits=limits, timeout=150, trust_env=False) as client:
        answers = await asyncio.gather(*(client.post(CHAT, json=body, headers=key.headers) for _ in range(count)))
    assert all(LIMIT in answer.headers for answer in answers)
    return Counter(answer.status_code for answer in answers)


def test_of_two_hundred_requests_at_once_no_more_run_than_may(server: RunningServer, key: Key) -> None:
    found = asyncio.run(statuses(server, key, chat("slow"), 200))
    assert set(found) == {200, 429}
    assert CONCURRENT <= found[200] < 200


def figure(server: RunningServer, root: Key, name: str) -> float:
    """The sum of a figure over its labels."""
    with server.client(headers=root.headers) as client:
        lines = client.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(rf"{name}[ {{]", line))


@pytest.mark.parametrize("stream", [False, True])
def test_places_of_clients_that_leave_are_free_again(server: RunningServer, key: Key, root: Key, stream: bool) -> None:
    authorization = f"Authorization: Bearer {key.text}"
    for number in range(ROUNDS):
        with connection(server.url) as opened:
            opened.sendall(post(CHAT, chat("slow", stream), authorization))
            if stream and number % 2:
                assert opened.recv(12) in (b"HTTP/1.1 200", b"HTTP/1.1 429")
            drop(opened)
    # Those who came before are in the server's hands when it answers this, which is under way itself.
    wait_until(lambda: figure(server, root, "touchstone_requests_in_flight") == 1, "none is under way")
    assert asyncio.run(statuses(server, key, chat("slow"), CONCURRENT)) == {200: CONCURRENT}


def test_openais_client_gets_through_once_a_stream_has_ended(server: RunningServer, key: Key, root: Key) -> None:
    url = f"{server.url}/v1"
    asked: Any = {"model": "stalling", "messages": [{"role": "user", "content": "Hello there"}], "stream": True}
    with (
        openai.OpenAI(base_url=url, api_key=key.text, max_retries=0) as client,
        openai.OpenAI(base_url=url, api_key=key.text, max_retries=100) as patient,
        ThreadPoolExecutor(1) as thread,
        contextlib.ExitStack() as streams,
    ):
        running = [streams.enter_context(client.chat.completions.create(**asked)) for _ in range(CONCURRENT)]
        with pytest.raises(openai.RateLimitError, match="requests at once"):
            client.chat.completions.create(**asked)
        refused = figure(server, root, "touchstone_limited_total")
        waits = thread.submit(patient.chat.completions.create, **asked)
        wait_until(lambda: figure(server, root, "touchstone_limited_total") > refused, "it is refused")
        running[0].close()
        with waits.result() as stream:
            assert next(iter(stream)).choices[0].delta.content
