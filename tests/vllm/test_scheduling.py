"""Who is served first, and who no longer: priorities in the queue, and clients that leave."""

import asyncio
import json
from collections.abc import Callable

import httpx
from harness import RunningServer

from inference.engine.engine import EngineRequest
from inference.engine.http_engine import HttpEngine
from inference.engine.places import Places
from inference.urgency import Urgency
from tests.robustness.raw_http import connection, post
from tests.robustness.waiting import wait_until
from tests.vllm.serving import Direct

FLOOD = 24
WAITING = 10
LIMIT_S = 120.0
LONG = {"model": "tiny", "messages": [{"role": "user", "content": "Go on."}], "max_tokens": 200, "ignore_eos": True}
ENDLESS = LONG | {"max_tokens": 8000}  # half a minute on an idle machine


async def until(holds: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_until, holds, what, LIMIT_S)


async def test_a_live_request_overtakes_the_batch_that_waits(server: RunningServer, vllm: Direct) -> None:
    done: list[str] = []
    engine = HttpEngine(vllm.url, vllm.key, timeout_s=LIMIT_S, places=Places(FLOOD), takes_priority=True)

    async def batch() -> None:
        request = EngineRequest("chat/completions", json.dumps(LONG).encode(), Urgency.BATCH)
        async with engine.open(request) as reply:
            assert reply.status == 200
            await reply.read()
        done.append("batch")

    async def live() -> None:
        async with httpx.AsyncClient(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client:
            answer = await client.post("/v1/chat/completions", json=LONG | {"max_tokens": 4})
        assert answer.status_code == 200
        done.append("live")

    flood = [asyncio.create_task(batch()) for _ in range(FLOOD)]
    await until(lambda: vllm.figure("vllm:num_requests_waiting") >= WAITING, "a queue forms")
    await live()
    await asyncio.gather(*flood)
    await engine.aclose()
    # At least WAITING requests were in line before it; by arrival it would have been served after them all.
    assert done.index("live") < FLOOD - WAITING // 2


def test_a_client_that_leaves_its_stream_takes_the_request_along(http: httpx.Client, vllm: Direct) -> None:
    finished = vllm.figure("vllm:request_success_total")
    with http.stream("POST", "/v1/chat/completions", json=ENDLESS | {"stream": True}) as answer:
        assert answer.status_code == 200
        wait_until(lambda: vllm.figure("vllm:num_requests_running") == 1, "the engine is at work", LIMIT_S)
    assert_given_up(vllm, finished)


def test_a_client_that_waits_no_longer_takes_its_request_along(server: RunningServer, vllm: Direct) -> None:
    finished = vllm.figure("vllm:request_success_total")
    with connection(server.url) as opened:
        opened.sendall(post("/v1/chat/completions", ENDLESS))
        wait_until(lambda: vllm.figure("vllm:num_requests_running") == 1, "the engine is at work", LIMIT_S)
    assert_given_up(vllm, finished)


def assert_given_up(vllm: Direct, finished: float) -> None:
    """No request runs any more, and none has finished since."""
    wait_until(lambda: vllm.figure("vllm:num_requests_running") == 0, "the request ends in the engine", LIMIT_S)
    assert vllm.figure("vllm:request_success_total") == finished
