"""Paths that are written oddly: none leads past the door of what it looks like."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings
from tests.server.callers import SETTINGS_KEY, Headers, Keys, bearer

HERE = "http://127.0.0.1:3001"
GUARDED = ("/metrics", "/v1/api-keys")
"""Not for an ordinary key."""

DRESSED = ("{}", "{}%0A", "{}%0a%0a", "{}%0D", "{}%00", "{}%20", "{}/", "{}//", "/{}", "{};x", "{}/.", "/v1/..{}")
DRESSED += ("{}%3F", "{}%2F", "{}%23", "{}%0A/", "{}%E2%80%A8", "{}%C2%85")
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "DELETE", "TRACE", "get", "PUT")

Place = tuple[TestClient, Headers]


@pytest.fixture(scope="module", params=["keys", "no keys"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server, and what an ordinary caller sends: its key where one is needed."""
    keys = (SecretStr(SETTINGS_KEY),) if request.param == "keys" else ()
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), web_search=False, api_keys=keys)
    with TestClient(create_app(settings), base_url=HERE, follow_redirects=False) as client:
        yield client, Keys(client).made("ann").headers


@pytest.mark.parametrize("dress", DRESSED)
@pytest.mark.parametrize("path", GUARDED)
def test_what_is_not_for_a_key_is_reached_under_no_other_spelling(place: Place, path: str, dress: str) -> None:
    client, headers = place
    for method in METHODS:
        answer = client.request(method, HERE + dress.format(path), headers=headers)
        if path == "/metrics" and "touchstone_requests" in answer.text:  # which all may see where no keys are needed
            assert dress == "{}"
            assert client.get("/metrics").status_code == 200
        elif answer.status_code != 307:
            assert answer.status_code in (403, 404, 405)


@pytest.mark.parametrize("dress", DRESSED)
@pytest.mark.parametrize("path", ["/v1/models", "/v1/files", "/v1/mcp/status", "/v1/usage", "/v1/mcp/../models"])
def test_an_mcp_token_opens_nothing_else_under_any_spelling(place: Place, path: str, dress: str) -> None:
    client, headers = place
    token = bearer(Keys(client).token(headers))
    for method in METHODS:
        answer = client.request(method, HERE + dress.format(path), headers=token)
        assert answer.status_code == 403
    assert client.post("/v1/mcp", headers=token, json={}).status_code == 400


@pytest.mark.parametrize("path", ["/health", "/ready", "/openapi.json", "/v1/models", "/v1/verify/reliability"])
def test_a_line_break_at_its_end_makes_it_another_path(place: Place, path: str) -> None:
    client, headers = place
    for method in ("GET", "POST"):
        answer = client.request(method, f"{path}%0A", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_slash_too_many_is_left_out_on_the_way_that_the_client_came(place: Place) -> None:
    client, headers = place
    for path, there in {"/v1/mcp//": "/v1/mcp", "/v1/files/?limit=3": "/v1/files?limit=3"}.items():
        answer = client.post(path, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (307, there)


def test_a_path_is_sent_to_nobody_elses_host(place: Place) -> None:
    client, headers = place
    for path in ("//evil.example/", "//evil.example/v1/models/", "/%5Cevil.example/", "//v1/models/"):
        assert client.get(HERE + path, headers=headers).status_code == 404
