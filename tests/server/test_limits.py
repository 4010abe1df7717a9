"""Requests a minute and at once, as callers of REST meet them."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest
from harness import REPOSITORY, ClientOf, RunningUpstream

from inference.errors import SettingsError
from server.accounts.doors import MODEL_PATHS
from server.app import create_app
from server.house import build_house
from server.http.direct import Direct
from server.settings import Settings, load_settings
from tests.robustness.waiting import wait_until
from tests.server.callers import SETTINGS_KEY, bearer
from tests.server.limited import LIMIT, PLAN, REMAINING, RESET, Limited

CHAT = "/v1/chat/completions"
VERIFY = "/v1/verify/reliability"
ASK = {"prompt": "Is it?", "output": "The tower is in Paris.", "context": "The tower is in Paris."}

LimitedOf = Callable[..., Limited]


@pytest.fixture
def limited(client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream) -> LimitedOf:
    return lambda **limits: Limited(client_of, tmp_path, upstream.url, **limits)


def chat(text: str = "Hello there", model: str = "echo", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]} | more


def standing(answer: Any) -> tuple[str, str, str]:
    """Limit, remaining and reset, of which each must be there once."""
    names = [name.lower() for name, _ in answer.headers.multi_items() if name.lower().startswith("x-ratelimit-")]
    assert sorted(names) == sorted((LIMIT, REMAINING, RESET)), names
    return answer.headers[LIMIT], answer.headers[REMAINING], answer.headers[RESET]


def test_a_response_says_how_its_key_stands_with_the_model(limited: LimitedOf) -> None:
    server = limited(requests_per_minute=3, other_requests_per_minute=100)
    assert standing(server.client.post(CHAT, json=chat())) == ("3", "2", "1m0s")
    server.clock.now_s += 20.5
    assert standing(server.client.post(CHAT, json=chat())) == ("3", "1", "40s")
    with server.client.stream("POST", CHAT, json=chat(stream=True)) as answer:
        assert standing(answer) == ("3", "0", "40s")
        assert b"[DONE]" in answer.read()
    assert standing(server.client.post(VERIFY, json=ASK)) == ("3", "2", "1m0s")
    assert standing(server.client.post(VERIFY, json=ASK | {"stream": True})) == ("3", "1", "1m0s")
    assert standing(server.client.post("/v1/completions", json={"model": "echo", "prompt": "Hi"}))[1] == "0"


def test_over_the_limit_is_a_429_in_openais_shape_that_names_plan_model_and_limit(limited: LimitedOf) -> None:
    server = limited(requests_per_minute=1)
    assert server.client.post(CHAT, json=chat()).status_code == 200
    server.clock.now_s += 55.5
    answer = server.client.post(CHAT, json=chat())
    error = answer.json()["error"]
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert standing(answer) == ("1", "0", "5s")
    assert (error["type"], error["code"], error["param"]) == ("requests", "rate_limit_exceeded", None)
    for word in (PLAN, "echo", "1 request a minute", "5 s"):
        assert word in error["message"]
    assert server.client.post(CHAT, json=chat(model="tools")).status_code == 200
    server.clock.now_s += 4.5
    assert server.client.post(CHAT, json=chat()).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/models", None, 200),
        ("GET", "/v1/files", None, 200),
        ("GET", "/v1/batches", None, 200),
        ("GET", "/v1/files/file-none", None, 404),
        ("GET", "/v1/nothing", None, 404),
        ("DELETE", "/v1/models", None, 405),
        ("GET", CHAT, None, 405),
        ("GET", "/v1/api-keys", None, 403),
        ("GET", "/metrics", None, 403),
        ("POST", CHAT, b"{", 400),
        ("POST", CHAT, b'{"model": "unknown", "messages": []}', 404),
        ("POST", VERIFY, b"{}", 400),
        ("POST", "/v1/embeddings", b"[]", 400),
        ("POST", "/v1/batches", b"{}", 400),
        ("POST", "/v1/mcp", b"{", 400),
        ("GET", "/v1/mcp", None, 405),
    ],
)
def test_what_asks_no_model_counts_apart_and_says_so(
    limited: LimitedOf, method: str, path: str, body: bytes | None, status: int
) -> None:
    server = limited(requests_per_minute=1, other_requests_per_minute=7)
    headers = {"content-type": "application/json"}
    answer = server.client.request(method, path, content=body, headers=headers)
    assert (answer.status_code, standing(answer)) == (status, ("7", "6", "1m0s"))
    assert standing(server.client.post(CHAT, json=chat())) == ("1", "0", "1m0s")


def test_who_looks_too_often_is_refused_before_anything_is_done(limited: LimitedOf) -> None:
    server = limited(other_requests_per_minute=2)
    upload = {"data": {"purpose": "batch"}, "files": {"file": ("a.jsonl", b"{}\n")}}
    assert server.client.get("/v1/files").json()["data"] == []
    assert server.client.post(CHAT, content=b"{").status_code == 400
    for answer in (
        server.client.post("/v1/files", **upload),
        server.client.get("/v1/files"),
        server.client.get("/v1/nothing"),
        server.client.post(CHAT, content=b"{"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limit_exceeded")
        assert "that ask no model" in answer.json()["error"]["message"]
        assert (answer.headers["retry-after"], standing(answer)) == ("60", ("2", "0", "1m0s"))
    assert server.client.post(CHAT, json=chat()).status_code == 200
    server.clock.now_s += 60
    assert server.client.get("/v1/files").json()["data"] == []


def test_a_fault_inside_tells_of_the_limits_too(limited: LimitedOf, monkeypatch: pytest.MonkeyPatch) -> None:
    server = limited(requests_per_minute=5, other_requests_per_minute=7, concurrent_requests=1)
    monkeypatch.setattr("server.routes.verify.reliability", None)
    assert standing(server.client.post(VERIFY, json=ASK)) == ("5", "4", "1m0s")
    monkeypatch.setattr("server.routes.verify.verify_request", None)
    answer = server.client.post(VERIFY, json=ASK)
    assert (answer.status_code, standing(answer)) == (500, ("7", "6", "1m0s"))
    assert server.running == 0


def test_who_has_no_plan_has_no_limits_and_hears_what_the_engine_says_of_its_own(
    client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream
) -> None:
    more = {"api_keys": (SETTINGS_KEY,)}
    server = Limited(client_of, tmp_path, upstream.url, more=more, requests_per_minute=1, concurrent_requests=1)
    for _ in range(3):
        answer = server.client.post(CHAT, json=chat(), headers=bearer(SETTINGS_KEY))
        assert (answer.status_code, answer.headers[LIMIT], REMAINING in answer.headers) == (200, "60", False)
    for headers in ({"authorization": ""}, bearer("wrong")):
        answer = server.client.get("/v1/models", headers=headers)
        assert (answer.status_code, LIMIT in answer.headers) == (401, False)
    assert LIMIT not in server.client.get("/health").headers


def test_the_engines_own_limits_give_way_to_the_plans(limited: LimitedOf) -> None:
    server = limited(requests_per_minute=3)
    answer = server.client.post(CHAT, json=chat(model="full"))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert standing(answer) == ("3", "2", "1m0s")


def test_a_plan_without_a_rate_tells_of_none_and_not_of_the_engines(limited: LimitedOf) -> None:
    server = limited(concurrent_requests=5)
    for asked in (chat(), chat(stream=True), chat(model="full")):
        answer = server.client.post(CHAT, json=asked)
        assert [name for name in answer.headers if name.startswith("x-ratelimit-")] == [], asked
    assert answer.headers["retry-after"] == "7"  # of the engine's 429: that one holds for whoever asks


def test_one_request_too_many_at_once_is_refused_until_another_has_ended(
    client_of: ClientOf, tmp_path: Path, own_upstream: RunningUpstream
) -> None:
    server = Limited(client_of, tmp_path, own_upstream.url, requests_per_minute=10, concurrent_requests=1)
    with ThreadPoolExecutor(1) as thread:
        held = thread.submit(server.client.post, CHAT, json=chat(model="silent", stream=True))
        wait_until(lambda: server.running == 1, "the stream is under way")
        refused = server.client.post(CHAT, json=chat(model="silent"))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert standing(refused) == ("10", "9", "1m0s")
        assert "1 request at once" in refused.json()["error"]["message"]
        assert server.client.post(CHAT, json=chat()).status_code == 200
        own_upstream.speak()
        assert b"[DONE]" in held.result().content
    assert server.running == 0
    assert server.client.post(CHAT, json=chat(model="silent")).status_code == 200


@pytest.mark.parametrize("model", ["echo", "breaking", "failing", "full", "garbage", "dropping", "narrow"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_place_is_given_back_however_the_answer_ends(limited: LimitedOf, model: str, stream: bool) -> None:
    server = limited(concurrent_requests=1)
    for _ in range(2):
        assert server.client.post(CHAT, json=chat(model=model, stream=stream)).status_code != 429 or model == "full"
        assert server.running == 0


def test_openais_client_waits_as_long_as_it_is_told_and_then_succeeds(limited: LimitedOf) -> None:
    server = limited(requests_per_minute=1)
    hello = [{"role": "user", "content": "Hello there"}]
    client = openai.OpenAI(
        base_url="http://127.0.0.1:3001/v1", api_key=server.key.text, http_client=server.client, max_retries=1
    )
    assert client.chat.completions.create(model="echo", messages=hello).choices  # type: ignore[arg-type]
    with pytest.raises(openai.RateLimitError) as raised:
        client.with_options(max_retries=0).chat.completions.create(model="echo", messages=hello)  # type: ignore[arg-type]
    assert (raised.value.code, raised.value.type) == ("rate_limit_exceeded", "requests")
    assert "Try again in 60 s" in str(raised.value)
    server.clock.now_s += 59.5  # a second is left, as the client will be told
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        server.clock.now_s += seconds

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("openai._base_client.time.sleep", wait)
        answer = client.chat.completions.with_raw_response.create(model="echo", messages=hello)  # type: ignore[arg-type]
    assert waited == [1.0]
    assert (answer.headers[REMAINING], answer.parse().choices[0].message.content) == ("0", "Hello there")


def test_the_paths_whose_model_stands_in_the_body_are_those_of_the_endpoints() -> None:
    (direct,) = [layer for layer in create_app(Settings(web_search=False)).user_middleware if layer.cls is Direct]
    assert set(direct.kwargs["endpoints"]) == MODEL_PATHS


@pytest.mark.parametrize("url", ["http://user:a-secret@host", "redis://user:a-secret@host:port/x"])
def test_a_limits_url_that_is_no_redis_stops_the_start_and_is_not_repeated(url: str) -> None:
    settings = load_settings({}, {"TOUCHSTONE_LIMITS_URL": url})
    assert "a-secret" not in repr(settings)
    with pytest.raises(SettingsError, match="limits_url") as raised:
        build_house(settings)
    assert "redis://[USER:PASSWORD@]HOST" in raised.value.message
    assert "a-secret" not in raised.value.message


@pytest.mark.process
def test_a_missing_library_for_redis_stops_the_start_and_is_named() -> None:
    code = "import sys; sys.modules['redis'] = None; from server.accounts.limiter import build_limiter; "
    done = subprocess.run(
        [sys.executable, "-c", code + "build_limiter('redis://host')"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert "SettingsError" in done.stderr
    assert "touchstone[redis]" in done.stderr
