"""Who gets in: hosts, origins and keys."""

from collections.abc import Callable

import pytest
from harness import ClientOf
from starlette.testclient import TestClient

from server.settings import Settings

KEY = "a-key-for-these-tests-0001"
ASK = {"prompt": "Hello", "output": "Happy to help!"}


@pytest.fixture
def client(standing: Callable[..., TestClient]) -> TestClient:
    return standing()


@pytest.fixture
def guarded(standing: Callable[..., TestClient]) -> TestClient:
    return standing(api_keys=[KEY, "another-key-0002"])


def test_on_loopback_no_key_is_needed(client: TestClient) -> None:
    assert client.post("/v1/verify/reliability", json=ASK).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY}"}, {"x-api-key": KEY}]
)
def test_a_key_opens_rest_and_mcp(guarded: TestClient, headers: dict[str, str]) -> None:
    assert guarded.post("/v1/verify/reliability", json=ASK, headers=headers).status_code == 200
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert guarded.post("/v1/mcp", json=call, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/verify/reliability", "/v1/chat/completions", "/v1/mcp", "/stream", "/v1/models", "/metrics"]
)
@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer"}, {"authorization": "Basic abc"}, {"x-api-key": " "}]
)
def test_without_a_key_nothing_opens(guarded: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = guarded.post(path, json=ASK, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_api_key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "x-api-key" in answer.json()["error"]["message"]
    if "authorization" not in headers or headers["authorization"] == "Bearer":
        assert "touchstone keys create NAME" in answer.json()["error"]["message"]


def test_a_key_without_the_word_bearer_before_it_is_told_that(guarded: TestClient) -> None:
    for sent in (KEY, f"Token {KEY}"):
        message = guarded.get("/v1/models", headers={"authorization": sent}).json()["error"]["message"]
        assert "the word Bearer" in message
        assert KEY not in message


@pytest.mark.parametrize(("path", "status"), [("/v1/verify/reliability", 401), ("/v1/mcp", 403), ("/stream", 403)])
def test_a_wrong_key_is_refused_and_not_repeated(guarded: TestClient, path: str, status: int) -> None:
    answer = guarded.post(path, json=ASK, headers={"authorization": "Bearer wrong-secret"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "invalid_api_key")
    assert "wrong-secret" not in answer.text


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/openapi.json"])
def test_some_paths_need_no_key(guarded: TestClient, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_a_rebound_host_name_is_refused_with_the_setting_that_allows_it(client: TestClient) -> None:
    answer = client.post("/v1/verify/reliability", json=ASK, headers={"host": "evil.example.org"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (421, "host_not_allowed")
    assert "TOUCHSTONE_ALLOWED_HOSTS" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:3001", "localhost.", "127.0.0.1", "[::1]:3001", "[::1]", "LOCALHOST:80"]
)
def test_loopback_names_are_allowed(client: TestClient, host: str) -> None:
    assert client.get("/v1/models", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        ("verify.example.org", "verify.example.org:8443", 200),
        ("Verify.Example.org.", "VERIFY.example.org", 200),
        ("verify.example.org", "verify.example.org.:443", 200),
        ("verify.example.org:8443", "verify.example.org:8443", 200),
        ("verify.example.org:8443", "verify.example.org:9443", 421),
        ("verify.example.org", "other.example.org", 421),
        ("verify.example.org", "verify.example.org.evil.example", 421),
        ("[2001:db8::1]", "[2001:db8::1]:3001", 200),
        ("2001:db8::1", "[2001:DB8::1]", 200),
        ("2001:db8::1", "[2001:db8::2]", 421),
        ("*", "anything.example", 200),
    ],
)
@pytest.mark.parametrize("keys", [[], [KEY]])
def test_a_host_name_is_let_in_as_the_setting_says(
    standing: Callable[..., TestClient], allowed: str, host: str, status: int, keys: list[str]
) -> None:
    client = standing(allowed_hosts=[allowed], api_keys=keys)
    assert client.get("/v1/models", headers={"host": host, "x-api-key": KEY}).status_code == status


def test_behind_keys_any_host_name_will_do_unless_some_are_named(guarded: TestClient) -> None:
    assert guarded.get("/v1/models", headers={"host": "any.example.org", "x-api-key": KEY}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://localhost.evil.example.org"])
def test_a_foreign_web_page_is_refused(client: TestClient, origin: str) -> None:
    answer = client.post("/v1/mcp", json={}, headers={"origin": origin})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_not_allowed")


@pytest.mark.parametrize("origin", ["http://localhost:6274", "http://127.0.0.1:3001", "http://[::1]:5173"])
def test_a_page_of_this_machine_is_let_in(client: TestClient, origin: str) -> None:
    assert client.post("/v1/verify/reliability", json=ASK, headers={"origin": origin}).status_code == 200


def test_an_allowed_origin_is_let_in(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(Settings(**(settings.model_dump() | {"allowed_origins": ["https://app.example.org/"]})))
    for origin in ("https://app.example.org", "https://APP.example.org:443"):
        assert client.post("/v1/verify/reliability", json=ASK, headers={"origin": origin}).status_code == 200
    for origin in ("http://app.example.org", "https://app.example.org:8443", "https://app.example.org.evil.example"):
        assert client.post("/v1/verify/reliability", json=ASK, headers={"origin": origin}).status_code == 403


PREFLIGHT = {
    "origin": "https://app.example.org",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}


@pytest.fixture
def of_a_web_app(client_of: ClientOf, settings: Settings) -> TestClient:
    more = {"api_keys": [KEY], "allowed_origins": ["https://app.example.org"]}
    return client_of(Settings(**(settings.model_dump() | more)))


def test_a_browser_hears_without_a_key_that_an_allowed_page_may_call(of_a_web_app: TestClient) -> None:
    answer = of_a_web_app.options("/v1/verify/reliability", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_browser_hears_that_a_foreign_page_may_not_call(of_a_web_app: TestClient) -> None:
    answer = of_a_web_app.options("/v1/models", headers=PREFLIGHT | {"origin": "https://evil.example.org"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), ("wrong", 401)])
def test_an_allowed_page_may_read_answers_and_refusals(of_a_web_app: TestClient, key: str, status: int) -> None:
    headers = {"origin": "https://app.example.org", "x-api-key": key}
    answer = of_a_web_app.post("/v1/verify/reliability", json=ASK, headers=headers)
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "Origin" in answer.headers["vary"]
    assert "x-request-id" in answer.headers["access-control-expose-headers"]


def test_who_is_no_browser_gets_no_headers_for_one(of_a_web_app: TestClient) -> None:
    answer = of_a_web_app.post("/v1/verify/reliability", json=ASK, headers={"x-api-key": KEY})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_preflight_opens_no_door(of_a_web_app: TestClient) -> None:
    plain = of_a_web_app.options("/v1/files", headers={"origin": "https://app.example.org"})
    assert (plain.status_code, plain.json()["error"]["code"]) == (401, "missing_api_key")
