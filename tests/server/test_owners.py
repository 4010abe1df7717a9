"""Whose files and batches a caller sees: those of its key's owner, by each of his keys and MCP tokens, no others."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings
from tests.server.callers import SETTINGS_KEY, Headers, Key, Keys, bearer
from tests.server.owned_things import ALL, FILE, PLACE_IN_LIST, TOOLS, Theirs, make_things, over_mcp, told

LOOKS = {what: ALL[what] for what in ("look at a file", "read a file", "look at a batch")}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("server"), web_search=False, api_keys=(SecretStr(SETTINGS_KEY),)
    )
    with TestClient(create_app(settings), base_url="http://127.0.0.1:3001") as client:
        yield client


@pytest.fixture
def keys(client: TestClient) -> Keys:
    return Keys(client)


def sees(client: TestClient, theirs: Theirs, headers: Headers) -> bool:
    """Whether all of it is seen, in lists and by its ids. Raises AssertionError where some of it is."""
    answers = [ask(client, theirs.of(what), headers).status_code for what, ask in LOOKS.items()]
    lists = [client.get(path, headers=headers).json().get("data", []) for path in ("/v1/files", "/v1/batches")]
    listed = {each["id"] for found in lists for each in found} & {theirs.file, theirs.output, theirs.batch}
    seen = {status == 200 for status in answers} | {bool(listed)}
    assert len(seen) == 1, (answers, listed)
    return seen.pop()


def call(client: TestClient, theirs: Theirs, tool: str, headers: Headers) -> str:
    id_ = theirs.file if tool == "batch_submit" else theirs.batch
    return over_mcp(client, "tools/call", {"name": tool, "arguments": TOOLS[tool](id_)}, headers)


@pytest.mark.parametrize("tool", ["batch_get", "batch_results", "batch_list", "batch_submit"])
def test_a_token_sees_by_the_tools_what_its_key_has(client: TestClient, keys: Keys, tool: str) -> None:
    ann = keys.made("ann")
    theirs = make_things(client, ann.headers)
    token = bearer(keys.token(ann.headers))
    assert '"isError":false' in call(client, theirs, tool, token)
    everything = over_mcp(client, "tools/call", {"name": "batch_list", "arguments": {}}, token)
    assert theirs.batch in everything
    assert "touchstone://batch/" + theirs.batch in over_mcp(
        client, "resources/read", {"uri": f"touchstone://batch/{theirs.batch}"}, token
    )


def test_what_a_token_makes_is_its_keys(client: TestClient, keys: Keys) -> None:
    ann, bob = keys.made("ann"), keys.made("bob")
    lines = {"lines": [{"prompt": "Hello", "response": "Happy to help!"}]}
    token = bearer(keys.token(ann.headers))
    over_mcp(client, "tools/call", {"name": "batch_submit", "arguments": lines}, token)
    assert len(client.get("/v1/batches", headers=ann.headers).json()["data"]) == 1
    assert client.get("/v1/batches", headers=bob.headers).json()["data"] == []


def test_a_disabled_token_sees_nothing_and_its_key_all(client: TestClient, keys: Keys) -> None:
    ann = keys.made("ann")
    theirs = make_things(client, ann.headers)
    assert "invalid_api_key" in call(client, theirs, "batch_get", bearer(keys.disabled_token(ann.headers)))
    assert sees(client, theirs, ann.headers)


def test_keys_with_one_owner_see_and_change_the_same(client: TestClient, keys: Keys) -> None:
    ann = keys.made("ann")
    of_ann, first = keys.made("ann too", same_owner_as=ann.id), make_things(client, ann.headers)
    second = make_things(client, of_ann.headers)
    for theirs in (first, second):
        assert sees(client, theirs, ann.headers)
        assert sees(client, theirs, of_ann.headers)
        assert '"isError":false' in call(client, theirs, "batch_results", bearer(keys.token(of_ann.headers)))
    assert FILE["delete a file"](client, first.file, of_ann.headers).status_code == 200
    assert client.get(f"/v1/files/{first.file}", headers=ann.headers).status_code == 404


def test_a_key_with_the_same_name_is_another_owner(client: TestClient, keys: Keys) -> None:
    theirs = make_things(client, keys.made("ann").headers)
    assert not sees(client, theirs, keys.made("ann").headers)


def test_a_rotated_key_keeps_what_it_has(client: TestClient, keys: Keys) -> None:
    ann = keys.made("ann")
    theirs = make_things(client, ann.headers)
    token = keys.token(ann.headers)
    rotated = keys.rotated(ann)
    assert sees(client, theirs, rotated.headers)
    assert not sees(client, theirs, ann.headers)
    assert "invalid_api_key" in call(client, theirs, "batch_get", bearer(token))


@pytest.fixture(scope="module")
def gone(client: TestClient) -> tuple[Key, Theirs]:
    """A key that was revoked, and what it had."""
    keys = Keys(client)
    ann = keys.made("ann")
    theirs = make_things(client, ann.headers)
    keys.revoke(ann)
    return ann, theirs


@pytest.mark.parametrize("what", ALL)
def test_what_a_revoked_key_had_is_nobodys(client: TestClient, keys: Keys, gone: tuple[Key, Theirs], what: str) -> None:
    ann, theirs = gone
    for headers in (keys.made("bob").headers, keys.made("eve", is_admin=True).headers, bearer(SETTINGS_KEY)):
        id_ = theirs.of(what)
        there = told(ALL[what](client, id_, headers), id_)
        assert there[0] == (200 if what == PLACE_IN_LIST else 404)
        assert there == told(ALL[what](client, id_[:-4] + "0000", headers), id_[:-4] + "0000")
    assert ALL[what](client, theirs.of(what), ann.headers).status_code == 401


def test_what_a_revoked_key_had_is_still_seen_by_the_other_key_of_its_owner(client: TestClient, keys: Keys) -> None:
    ann = keys.made("ann")
    of_ann, theirs = keys.made("ann too", same_owner_as=ann.id), make_things(client, ann.headers)
    keys.revoke(ann)
    assert sees(client, theirs, of_ann.headers)
    assert sees(client, theirs, keys.made("ann again", same_owner_as=ann.id).headers)
