"""Gateways that share a Redis keep limits together, though one of them is killed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import RunningServer, RunningUpstream

from server.accounts.redis_limiter import PLACE_S
from tests.robustness.raw_http import connection, post
from tests.robustness.waiting import wait_until
from tests.scale.redis_server import RedisServer
from tests.server.accounts.keys_made import make_keys, url_of
from tests.server.callers import Key
from tests.server.limited import LIMIT, PLAN, plans_file

CHAT = "/v1/chat/completions"
CONCURRENT, PER_MINUTE = 3, 20


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return make_keys(url_of(tmp_path), "ann")["ann"]


@pytest.fixture
def two(tmp_path: Path, upstream: RunningUpstream, redis: RedisServer, key: Key) -> Iterator[list[RunningServer]]:
    """Which do not start before there is a key."""
    plans = plans_file(tmp_path, requests_per_minute=PER_MINUTE, concurrent_requests=CONCURRENT)
    flags = ["--require-keys", "--engine-url", upstream.url, "--plans-file", str(plans), "--default-plan", PLAN]
    shared = {"TOUCHSTONE_LIMITS_URL": redis.url, "TOUCHSTONE_DATABASE_URL": url_of(tmp_path)}
    servers = [RunningServer(tmp_path / name, *flags, **shared) for name in ("one", "other")]
    yield servers
    for server in servers:
        server.stop()


def chat(model: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello there"}]} | more


def test_two_gateways_let_in_as_many_as_one_would(two: list[RunningServer], key: Key) -> None:
    def asked(number: int) -> int:
        with two[number % 2].client() as client:
            answer = client.post(CHAT, json=chat("echo"), headers=key.headers)
        assert answer.headers[LIMIT] == str(PER_MINUTE)
        return answer.status_code

    assert [asked(number) for number in range(PER_MINUTE + 6)].count(200) == PER_MINUTE


def test_places_of_a_gateway_that_was_killed_come_back(two: list[RunningServer], key: Key, redis: RedisServer) -> None:
    killed, alive = two
    held = [connection(killed.url) for _ in range(CONCURRENT)]
    for each in held:
        opened = each.__enter__()
        opened.sendall(post(CHAT, chat("stalling", stream=True), f"Authorization: Bearer {key.text}"))
        assert opened.recv(12) == b"HTTP/1.1 200"
    assert redis.places() == CONCURRENT

    def status() -> int:
        with (
            alive.client() as client,
            client.stream("POST", CHAT, json=chat("stalling", stream=True), headers=key.headers) as answer,
        ):
            return answer.status_code

    assert status() == 429
    killed.process.kill()
    wait_until(lambda: status() == 200, "a place is free", 3 * PLACE_S)
    for each in held:
        each.__exit__(None, None, None)
