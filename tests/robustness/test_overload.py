"""More at once than the limits allow: each caller gets an answer or hears that it is too much. Then all is well."""

import asyncio
from collections import Counter
from collections.abc import Callable

import httpx
from harness import RunningServer

from tests.robustness.raw_http import connection, post_head, read_answer
from tests.robustness.waiting import wait_until

Start = Callable[..., RunningServer]
VERIFY = "/v1/verify/reliability"
RUNNING_MAX = 1
WAITING_MAX = 5
CALLERS = 300
MCP_CALLERS = 60
ASK = {
    "prompt": "How tall are the towers?",
    "output": " ".join(f"Tower {number} is {number} metres tall." for number in range(12)),
}
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "verify", "arguments": {"prompt": ASK["prompt"], "response": ASK["output"]}},
}


async def at_once(url: str, path: str, body: object, accept: str, callers: int) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=callers)
    headers = {"accept": accept}
    async with httpx.AsyncClient(base_url=url, timeout=150, trust_env=False, limits=limits, headers=headers) as client:
        return await asyncio.gather(*(client.post(path, json=body) for _ in range(callers)))


async def test_of_300_callers_each_gets_a_verdict_or_hears_that_it_is_too_much(server_with: Start) -> None:
    server = server_with("--running-max", str(RUNNING_MAX), "--waiting-max", str(WAITING_MAX))
    answers = await at_once(server.url, VERIFY, ASK, "*/*", CALLERS)
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 503}
    assert statuses[200] >= RUNNING_MAX + WAITING_MAX
    for answer in answers:
        if answer.status_code == 503:
            assert answer.json()["error"]["code"] == "overloaded"
            assert int(answer.headers["retry-after"]) >= 1
    assert_works(server)


async def test_over_mcp_too_much_is_an_error_result_that_says_when_to_try_again(server_with: Start) -> None:
    server = server_with("--running-max", str(RUNNING_MAX), "--waiting-max", str(WAITING_MAX))
    answers = await at_once(server.url, "/v1/mcp", CALL, "application/json", MCP_CALLERS)
    assert {answer.status_code for answer in answers} == {200}
    results = [answer.json()["result"] for answer in answers]
    refused = [result for result in results if result.get("isError")]
    assert 0 < len(refused) <= MCP_CALLERS - RUNNING_MAX - WAITING_MAX
    for result in refused:
        assert result["content"][0]["text"].startswith("overloaded: ")
        assert "trying again in 1 s" in result["content"][0]["text"]
    assert_works(server)


def assert_works(server: RunningServer) -> None:
    with server.client() as client:
        assert client.post(VERIFY, json=ASK).status_code == 200


def test_a_connection_over_the_limit_is_refused_in_openais_shape_and_the_others_go_on(server_with: Start) -> None:
    server = server_with("--connections-max", "2")
    with connection(server.url) as first, connection(server.url) as second:
        for opened in (first, second):
            opened.sendall(post_head(VERIFY, "Content-Length: 2", "Connection: close"))
        with connection(server.url) as third:
            third.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            refused = read_answer(third)
        assert (refused.status, refused.error()["code"]) == (503, "overloaded")
        assert "TOUCHSTONE_CONNECTIONS_MAX" in refused.error()["message"]
        assert int(refused.headers["retry-after"]) >= 1
        for opened in (first, second):
            opened.sendall(b"{}")
            assert read_answer(opened).error()["message"] == "prompt is required"

    def free_again() -> bool:
        with server.client() as client:
            return client.get("/health").status_code == 200

    wait_until(free_again, "the server takes connections again")
