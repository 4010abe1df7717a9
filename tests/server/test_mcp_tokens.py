"""MCP tokens over HTTP: the reference's three endpoints, what a token opens, and what is said when it opens nothing."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from harness import ClientOf
from starlette.testclient import TestClient

from inference.errors import SettingsError
from server.accounts.key_text import token_of
from server.settings import Settings, load_settings
from tests.server.callers import Keys, bearer

KEY, OTHER = "a-key-for-these-tests-0001", "another-key-for-these-0002"
STATUS, ENABLE, DISABLE = "/v1/mcp/status", "/v1/mcp/enable", "/v1/mcp/disable"
DISABLED = {"enabled": False, "url": "", "apiKey": ""}
MCP_URL = "http://127.0.0.1:3001/v1/mcp"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
LOCAL_KEYS: list[dict[str, str]] = [
    {},
    {"authorization": "Bearer not-needed-on-loopback"},
    {"x-api-key": "sk-of-somebody-else"},
]


def changed(settings: Settings, **values: Any) -> Settings:
    return Settings(**(settings.model_dump() | values))


@pytest.fixture
def keyed(standing: Callable[..., TestClient]) -> Iterator[TestClient]:
    """A client of a server of which neither key has a token."""
    client = standing(api_keys=[KEY, OTHER])
    yield client
    for key in (KEY, OTHER):
        assert client.post(DISABLE, headers=bearer(key)).json() == DISABLED


def enabled(client: TestClient, headers: Mapping[str, str]) -> str:
    answer = client.post(ENABLE, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def call(client: TestClient, headers: Mapping[str, str], path: str = "/v1/mcp") -> httpx.Response:
    return client.post(path, json=LIST, headers=headers)


def test_the_three_endpoints_answer_in_the_shapes_of_the_reference(keyed: TestClient) -> None:
    assert keyed.get(STATUS, headers=bearer(KEY)).json() == DISABLED
    made = keyed.post(ENABLE, headers=bearer(KEY))
    token = made.json()["token"]
    assert made.json() == {"enabled": True, "url": MCP_URL, "token": token}
    assert keyed.get(STATUS, headers=bearer(KEY)).json() == {"enabled": True, "url": MCP_URL, "apiKey": token}
    assert keyed.post(DISABLE, headers=bearer(KEY)).json() == DISABLED
    assert keyed.get(STATUS, headers=bearer(KEY)).json() == DISABLED


def test_enabling_twice_gives_the_same_token_and_after_a_disable_another(keyed: TestClient) -> None:
    first = enabled(keyed, bearer(KEY))
    assert enabled(keyed, {"x-api-key": KEY}) == first
    for _ in range(2):
        assert keyed.post(DISABLE, headers=bearer(KEY)).json() == DISABLED
    assert enabled(keyed, bearer(KEY)) != first


@pytest.mark.parametrize("path", ["/v1/mcp", "/stream"])
def test_a_token_opens_mcp_until_it_is_disabled(keyed: TestClient, path: str) -> None:
    first = enabled(keyed, bearer(KEY))
    assert call(keyed, bearer(first), path).status_code == 200
    assert call(keyed, {"x-api-key": first}, path).status_code == 200
    keyed.post(DISABLE, headers=bearer(KEY))
    assert call(keyed, bearer(first), path).status_code == 403
    second = enabled(keyed, bearer(KEY))
    assert call(keyed, bearer(second), path).status_code == 200
    assert call(keyed, bearer(first), path).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", STATUS),
        ("POST", ENABLE),
        ("POST", DISABLE),
        ("GET", "/v1/models"),
        ("POST", "/v1/verify/reliability"),
        ("GET", "/v1/files"),
        ("GET", "/metrics"),
        ("GET", "/v1/api-keys"),
    ],
)
def test_a_token_opens_nothing_but_mcp(keyed: TestClient, method: str, path: str) -> None:
    answer = keyed.request(method, path, headers=bearer(enabled(keyed, bearer(KEY))))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "mcp_token_not_allowed")
    assert "API key" in answer.json()["error"]["message"]


def test_an_administrators_token_is_no_administrator(keyed: TestClient) -> None:
    text = Keys(keyed).made("ann", is_admin=True).text
    token = enabled(keyed, bearer(text))
    assert call(keyed, bearer(token)).status_code == 200
    answer = keyed.get("/v1/api-keys", headers=bearer(token))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "mcp_token_not_allowed")


def test_each_key_has_its_own_token(keyed: TestClient) -> None:
    anns = Keys(keyed).made("ann").text
    tokens = {text: enabled(keyed, bearer(text)) for text in (KEY, OTHER, anns)}
    assert len(set(tokens.values())) == 3
    keyed.post(DISABLE, headers=bearer(OTHER))
    still = [text for text, token in tokens.items() if call(keyed, bearer(token)).status_code == 200]
    assert still == [KEY, anns]
    assert keyed.get(STATUS, headers=bearer(anns)).json()["apiKey"] == tokens[anns]


@pytest.mark.parametrize("what", ["revoke", "rotate"])
def test_a_token_ends_with_the_text_of_its_key(keyed: TestClient, what: str) -> None:
    keys = Keys(keyed)
    key = keys.made("ann")
    token = enabled(keyed, key.headers)
    new = keys.rotated(key) if what == "rotate" else None
    if new is None:
        keys.revoke(key)
    assert call(keyed, bearer(token)).status_code == 403
    assert keyed.post(ENABLE, headers=key.headers).status_code == 401
    if new is not None:
        assert keyed.get(STATUS, headers=new.headers).json() == DISABLED
        assert call(keyed, bearer(enabled(keyed, new.headers))).status_code == 200


def test_a_token_outlives_a_restart_and_dies_when_its_key_leaves_the_settings(
    client_of: ClientOf, settings: Settings
) -> None:
    token = enabled(client_of(changed(settings, api_keys=[KEY])), bearer(KEY))
    again = client_of(changed(settings, api_keys=[KEY, OTHER]))
    assert again.get(STATUS, headers=bearer(KEY)).json()["apiKey"] == token
    assert call(again, bearer(token)).status_code == 200
    assert call(client_of(changed(settings, api_keys=[OTHER])), bearer(token)).status_code == 403


def test_what_a_token_makes_belongs_to_its_key(keyed: TestClient) -> None:
    token = enabled(keyed, bearer(KEY))
    lines = [{"prompt": "Is it there?", "response": "Yes.", "document": "It is there."}]
    asked = LIST | {"method": "tools/call", "params": {"name": "batch_submit", "arguments": {"lines": lines}}}
    answer = keyed.post("/v1/mcp", json=asked, headers=bearer(token)).json()["result"]
    batch_id = answer["structuredContent"]["id"]
    assert keyed.get(f"/v1/batches/{batch_id}", headers=bearer(KEY)).status_code == 200
    assert keyed.get(f"/v1/batches/{batch_id}", headers=bearer(OTHER)).status_code == 404


def test_where_no_key_is_needed_all_share_a_token_whatever_they_send(client: TestClient) -> None:
    tokens = {enabled(client, headers) for headers in LOCAL_KEYS}
    assert len(tokens) == 1
    (token,) = tokens
    for headers in LOCAL_KEYS:
        assert client.get(STATUS, headers=headers).json() == {"enabled": True, "url": MCP_URL, "apiKey": token}
    assert call(client, bearer(token)).status_code == 200
    assert client.get("/v1/models", headers=bearer(token)).status_code == 403
    client.post(DISABLE)
    assert call(client, bearer(token)).status_code == 403
    assert call(client, {}).status_code == 200


def test_a_token_of_nobody_opens_nothing_once_keys_are_required(client_of: ClientOf, settings: Settings) -> None:
    token = enabled(client_of(settings), {})
    assert call(client_of(changed(settings, api_keys=[KEY])), bearer(token)).status_code == 403


@pytest.mark.parametrize("path", [STATUS, ENABLE, DISABLE])
def test_without_a_key_there_is_no_token(keyed: TestClient, path: str) -> None:
    method = "GET" if path == STATUS else "POST"
    assert keyed.request(method, path).json()["error"]["code"] == "missing_api_key"
    answer = keyed.request(method, path, headers=bearer("wrong"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize("content", [b"", b"{}", b"no JSON at all", b"\xff" * 1000])
def test_a_body_is_not_needed_and_not_read(keyed: TestClient, content: bytes) -> None:
    assert keyed.post(ENABLE, headers=bearer(KEY), content=content).status_code == 200
    assert keyed.post(DISABLE, headers=bearer(KEY), content=content).json() == DISABLED


@pytest.mark.parametrize("path", [STATUS, ENABLE])
def test_nobody_on_the_way_keeps_a_token(keyed: TestClient, path: str) -> None:
    enabled(keyed, bearer(KEY))
    answer = keyed.request("GET" if path == STATUS else "POST", path, headers=bearer(KEY))
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost:3001", "http://localhost:3001/v1/mcp"),
        ("Verify.Example.org:8443", "http://verify.example.org:8443/v1/mcp"),
        ("10.0.0.7", "http://10.0.0.7/v1/mcp"),
        ("[::1]:3001", "http://[::1]:3001/v1/mcp"),
        ("", MCP_URL),
        ("a host", MCP_URL),
        ("evil/..//@x", MCP_URL),
        ('"><script>', MCP_URL),
    ],
)
def test_the_url_is_the_one_that_was_asked_for_if_that_is_one(keyed: TestClient, host: str, url: str) -> None:
    assert keyed.post(ENABLE, headers=bearer(KEY) | {"host": host}).json()["url"] == url


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        ("https://verify.example.com", "https://verify.example.com/v1/mcp"),
        (" https://Verify.example.com:8443/ ", "https://verify.example.com:8443/v1/mcp"),
        ("https://example.com/touchstone/", "https://example.com/touchstone/v1/mcp"),
        ("http://[fd00::1]:3001", "http://[fd00::1]:3001/v1/mcp"),
    ],
)
def test_the_url_is_that_of_public_url_where_it_is_set(
    client_of: ClientOf, settings: Settings, setting: str, url: str
) -> None:
    client = client_of(changed(settings, api_keys=[KEY], public_url=setting))
    assert client.post(ENABLE, headers=bearer(KEY)).json()["url"] == url
    assert client.get(STATUS, headers=bearer(KEY)).json()["url"] == url


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("verify.example.com", "https://verify.example.com"),
        ("ftp://example.com", "https://verify.example.com"),
        ("https://", "https://verify.example.com"),
        ("https://exa mple.com", "https://verify.example.com"),
        ("https://example.com:http", "no URL"),
        ("https://example.com/v1", "before /v1"),
        ("https://example.com/v1/mcp/", "before /v1"),
        ("https://example.com/?a=b", "query"),
        ("https://me:hunter2@example.com", "password"),
    ],
)
def test_a_public_url_that_is_none_stops_the_start(value: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({}, {"TOUCHSTONE_PUBLIC_URL": value})
    assert "public_url" in error.value.message
    assert "TOUCHSTONE_PUBLIC_URL" in error.value.message
    assert said in error.value.message
    assert "hunter2" not in error.value.message


UNKNOWN_TOKEN = token_of("a key that nobody has", bytes(32))
UNKNOWN_KEY = "tsk_03ImvCfaR12FpZPl9BP60NZf0E6vQ13SSklc"  # well formed, so that it is looked up


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (UNKNOWN_TOKEN, "this MCP token opens nothing"),
        (UNKNOWN_TOKEN[:-1], "Copy it again"),
        (UNKNOWN_TOKEN + "x", "Copy it again"),
        ("tsk_0000", "Copy it again"),
        (UNKNOWN_KEY, "this API key is not known here"),
        ("wrong", "this API key is not known here"),
        ("YOUR_API_KEY", "placeholder"),
        ("YOUR_MCP_TOKEN", "placeholder"),
        ("${TOUCHSTONE_KEY}", "placeholder"),
        ("${input:touchstone-key}", "placeholder"),
        ("%API_KEY%", "placeholder"),
    ],
)
@pytest.mark.parametrize(("path", "status"), [("/v1/mcp", 403), ("/stream", 403), ("/v1/verify/reliability", 401)])
def test_who_is_refused_reads_what_to_do_and_not_what_was_sent(
    keyed: TestClient, path: str, status: int, sent: str, said: str
) -> None:
    answer = call(keyed, bearer(sent), path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "invalid_api_key")
    assert said in answer.json()["error"]["message"]
    assert sent not in answer.text


def test_who_sends_no_key_to_mcp_reads_that_a_token_will_do(keyed: TestClient) -> None:
    answer = call(keyed, {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_api_key")
    assert "POST /v1/mcp/enable" in answer.json()["error"]["message"]


def test_a_store_that_is_down_shows_and_makes_no_token(client_of: ClientOf, settings: Settings) -> None:
    (settings.data_dir / "store.sqlite3").mkdir(parents=True)  # where a file is to be opened
    client = client_of(changed(settings, api_keys=[KEY]))
    for method, path in (("GET", STATUS), ("POST", ENABLE), ("POST", DISABLE)):
        answer = client.request(method, path, headers=bearer(KEY))
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
    refused = call(client, bearer(UNKNOWN_TOKEN))
    assert refused.status_code == 503
    assert "store.sqlite3" not in refused.text  # nobody knows who asks
