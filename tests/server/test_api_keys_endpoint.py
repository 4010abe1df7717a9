"""/v1/api-keys: what an administrator's key does with keys."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from harness import ClientOf
from starlette.testclient import TestClient

from server.accounts.key_text import is_key
from server.accounts.new_keys import LIFETIME_MAX_S, LIFETIME_MIN_S, NAME_CHARS_MAX
from server.settings import Settings
from tests.server.callers import Headers, Keys, bearer

KEYS = "/v1/api-keys"
DAY_S = 86_400
MODELS = "/v1/models"


@pytest.fixture
def client(standing: Callable[..., TestClient]) -> TestClient:
    return standing(require_keys=True)


@pytest.fixture
def admin(client: TestClient) -> Headers:
    return admin_of(client)


def admin_of(client: TestClient) -> Headers:
    return Keys(client).made("root", is_admin=True).headers


def made(client: TestClient, admin: Headers, **asked: Any) -> dict[str, Any]:
    answer = client.post(KEYS, headers=admin, json={"name": "ann"} | asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ids(client: TestClient, admin: Headers) -> list[str]:
    """Of all keys. When one was used last is written meanwhile."""
    return [key["id"] for key in client.get(f"{KEYS}?limit=100", headers=admin).json()["data"]]


@pytest.mark.parametrize("field", ["expires", "admin", "owner"])
def test_a_field_that_there_is_not_makes_no_key(client: TestClient, admin: Headers, field: str) -> None:
    before = ids(client, admin)
    answer = client.post(KEYS, headers=admin, json={"name": "ann", field: "90d"})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == field
    assert "expires_after" in answer.json()["error"]["message"]
    assert ids(client, admin) == before


def test_a_key_is_made_shown_once_and_opens_at_once(client: TestClient, admin: Headers) -> None:
    answer = client.post(KEYS, headers=admin, json={"name": "ann", "plan": "core", "expires_after": DAY_S})
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    key = body.pop("key")
    assert is_key(key)
    assert abs(body["expires_at"] - time.time() - DAY_S) < 600
    assert abs(body["created_at"] - time.time()) < 600
    assert body == {
        "id": body["id"],
        "object": "api_key",
        "name": "ann",
        "owner": body["id"],
        "plan": "core",
        "is_admin": False,
        "last_four": key[-4:],
        "status": "active",
        "created_at": body["created_at"],
        "expires_at": body["expires_at"],
        "revoked_at": None,
        "last_used_at": None,
    }
    assert client.get(MODELS, headers=bearer(key)).status_code == 200
    assert client.get(f"{KEYS}/{body['id']}", headers=admin).json() | {"last_used_at": None} == body
    assert key not in client.get(KEYS, headers=admin).text


def test_a_key_that_an_administrator_makes_may_be_one_too_and_share_what_another_owns(
    client: TestClient, admin: Headers
) -> None:
    ann = made(client, admin)
    second = made(client, admin, name="second", is_admin=True, same_owner_as=ann["id"])
    assert (second["is_admin"], second["owner"], second["expires_at"]) == (True, ann["id"], None)
    assert client.get(KEYS, headers=bearer(second["key"])).status_code == 200
    form: dict[str, Any] = {"files": {"file": ("a.jsonl", b"{}\n")}, "data": {"purpose": "batch"}}
    file_id = client.post("/v1/files", headers=bearer(ann["key"]), **form).json()["id"]
    assert client.get(f"/v1/files/{file_id}", headers=bearer(second["key"])).status_code == 200
    assert client.get(f"/v1/files/{file_id}", headers=admin).status_code == 404


def test_keys_are_listed_page_by_page_in_either_order(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings.model_copy(update={"require_keys": True}))
    admin = admin_of(client)
    names = ["root", *(made(client, admin, name=f"key {number}")["name"] for number in range(4))]
    first = client.get(f"{KEYS}?limit=2", headers=admin).json()
    assert [key["name"] for key in first["data"]] == names[:-3:-1]
    assert (first["object"], first["has_more"]) == ("list", True)
    assert (first["first_id"], first["last_id"]) == (first["data"][0]["id"], first["data"][1]["id"])
    rest = client.get(f"{KEYS}?after={first['last_id']}", headers=admin).json()
    assert [key["name"] for key in rest["data"]] == names[-3::-1]
    assert rest["has_more"] is False
    oldest = client.get(f"{KEYS}?order=asc&limit=100", headers=admin).json()
    assert [key["name"] for key in oldest["data"]] == names
    assert "key" not in oldest["data"][0]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "order=up", "after=key_nobody", "limit="])
def test_a_wrong_page_is_refused(client: TestClient, admin: Headers, query: str) -> None:
    answer = client.get(f"{KEYS}?{query}", headers=admin)
    assert answer.status_code == (404 if "after" in query else 400)
    assert answer.json()["error"]["param"] == query.partition("=")[0]


def test_a_revoked_key_opens_nothing_and_is_still_to_be_seen(client: TestClient, admin: Headers) -> None:
    ann = made(client, admin)
    token = client.post("/v1/mcp/enable", headers=bearer(ann["key"])).json()["token"]
    path = f"{KEYS}/{ann['id']}"
    for _ in range(2):
        assert client.delete(path, headers=admin).json() == {"id": ann["id"], "object": "api_key", "deleted": True}
    assert client.get(MODELS, headers=bearer(ann["key"])).status_code == 401
    assert client.post("/v1/mcp", headers=bearer(token), json={}).status_code == 403
    seen = client.get(path, headers=admin).json()
    assert seen["status"] == "revoked"
    assert seen["revoked_at"] >= ann["created_at"]
    refused = client.post(f"{path}/rotate", headers=admin)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "wrong_state")


def test_a_rotated_key_has_another_text_and_all_that_it_had(client: TestClient, admin: Headers) -> None:
    ann = made(client, admin, plan="core")
    answer = client.post(f"{KEYS}/{ann['id']}/rotate", headers=admin)
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert body["key"] != ann["key"]
    assert body | {"key": "", "last_four": ""} == ann | {"key": "", "last_four": ""}
    assert client.get(MODELS, headers=bearer(ann["key"])).status_code == 401
    assert client.get(MODELS, headers=bearer(body["key"])).status_code == 200


def test_a_key_gets_another_plan_or_the_default_plan_and_goes_on_as_it_was(client: TestClient, admin: Headers) -> None:
    ann = made(client, admin, plan="trial")
    shown = {name: value for name, value in ann.items() if name != "key"}
    for plan in ("core", None):
        answer = client.post(f"{KEYS}/{ann['id']}", headers=admin, json={"plan": plan})
        assert answer.json() == shown | {"plan": plan}
        assert client.get(f"{KEYS}/{ann['id']}", headers=admin).json() == shown | {"plan": plan}
    assert client.get(MODELS, headers=bearer(ann["key"])).status_code == 200


def test_another_plan_holds_from_the_next_request_on(client: TestClient, admin: Headers) -> None:
    ann = made(client, admin, plan="trial")

    def limit() -> str | None:
        return client.get(MODELS, headers=bearer(ann["key"])).headers.get("x-ratelimit-limit-requests")

    before = limit()
    client.post(f"{KEYS}/{ann['id']}", headers=admin, json={"plan": None})
    assert before is not None
    assert limit() != before
    client.post(f"{KEYS}/{ann['id']}", headers=admin, json={"plan": "trial"})
    assert limit() == before


@pytest.mark.parametrize(
    ("asked", "param", "said"),
    [
        ({}, "plan", "required"),
        ({"plan": "gold"}, "plan", "trial, core, scale, enterprise"),
        ({"plan": 7}, "plan", "string"),
        ({"plan": "core", "name": "bob"}, "name", "plan"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_by_field(
    client: TestClient, admin: Headers, asked: dict[str, Any], param: str, said: str
) -> None:
    ann = made(client, admin, plan="trial")
    answer = client.post(f"{KEYS}/{ann['id']}", headers=admin, json=asked)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert said in answer.json()["error"]["message"]
    assert client.get(f"{KEYS}/{ann['id']}", headers=admin).json()["plan"] == "trial"


def test_an_expired_key_says_so(client: TestClient, admin: Headers) -> None:
    key = Keys(client).expired("old")
    assert client.get(f"{KEYS}/{key.id}", headers=admin).json()["status"] == "expired"


def test_the_last_administrator_may_revoke_itself(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings.model_copy(update={"require_keys": True}))
    admin = admin_of(client)
    (root,) = client.get(KEYS, headers=admin).json()["data"]
    assert client.delete(f"{KEYS}/{root['id']}", headers=admin).status_code == 200
    assert client.get(KEYS, headers=admin).status_code == 401


@pytest.mark.parametrize("key_id", ["key_nobody", "a%00b", "x" * 5000, "%ff", "file-1"])
def test_an_unknown_id_is_not_found(client: TestClient, admin: Headers, key_id: str) -> None:
    path = f"{KEYS}/{key_id}"
    for answer in (
        client.get(path, headers=admin),
        client.delete(path, headers=admin),
        client.post(path, headers=admin, json={"plan": None}),
        client.post(f"{path}/rotate", headers=admin),
        client.post(KEYS, headers=admin, json={"name": "ann", "same_owner_as": "key_nobody"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("asked", "param", "said"),
    [
        ({}, "name", "required"),
        ({"name": ""}, "name", "printable"),
        ({"name": "  "}, "name", "printable"),
        ({"name": "ann "}, "name", "blanks at the ends"),
        ({"name": "x" * (NAME_CHARS_MAX + 1)}, "name", "1 to 100"),
        ({"name": "an\x1b[31mn"}, "name", "printable"),
        ({"name": "an\u202en"}, "name", "printable"),
        ({"name": "an\nn"}, "name", "printable"),
        ({"name": 7}, "name", "string"),
        ({"name": "ann", "plan": "gold"}, "plan", "trial, core, scale, enterprise"),
        ({"name": "ann", "plan": ""}, "plan", "there is no plan ''"),
        ({"name": "ann", "expires_after": 0}, "expires_after", str(LIFETIME_MIN_S)),
        ({"name": "ann", "expires_after": LIFETIME_MAX_S + 1}, "expires_after", str(LIFETIME_MAX_S)),
        ({"name": "ann", "expires_after": 10**30}, "expires_after", ""),
        ({"name": "ann", "expires_after": "90d"}, "expires_after", "integer"),
        ({"name": "ann", "is_admin": "yes"}, "is_admin", "boolean"),
        ({"name": "ann", "isadmin": True}, "isadmin", "is_admin"),
    ],
)
def test_a_key_that_cannot_be_is_refused_by_field(
    client: TestClient, admin: Headers, asked: dict[str, Any], param: str, said: str
) -> None:
    answer = client.post(KEYS, headers=admin, json=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["a", "x" * NAME_CHARS_MAX, "Zoë's nightly batch", "鍵", "key 🔑"])
def test_names_may_be_in_any_script(client: TestClient, admin: Headers, name: str) -> None:
    assert made(client, admin, name=name)["name"] == name


def test_the_description_names_the_plans_of_this_server(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for model in ("ApiKeyRequest", "ApiKeyChange"):
        plan = schemas[model]["properties"]["plan"]
        assert plan["anyOf"][0]["enum"] == ["trial", "core", "scale", "enterprise"]


def test_the_log_names_the_key_by_its_id(client: TestClient, admin: Headers, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    ann = made(client, admin)
    client.post(f"{KEYS}/{ann['id']}/rotate", headers=admin)
    client.post(f"{KEYS}/{ann['id']}", headers=admin, json={"plan": "core"})
    client.delete(f"{KEYS}/{ann['id']}", headers=admin)
    for action in ("key_created", "key_rotated", "key_plan_given", "key_revoked"):
        assert re.search(rf"{action} id=req_\w+ key={ann['id']}\b", caplog.text)
    assert ann["key"] not in caplog.text
