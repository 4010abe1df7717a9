"""`GET /v1/usage`: who sees what, in which order, by pages, and what is said of bad questions."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import ClientOf
from starlette.testclient import TestClient

from inference.store.database import Database
from inference.usage.usage_records import Chosen, UsageRecords
from inference.usage.used import UsageKey, Used
from server.settings import Settings
from server.wire.usage import UsageListBody
from server.wire.verification import VERIFY_ALIAS, VERIFY_MODEL
from tests.server.accounts.keys_made import make_keys, url_of, with_store
from tests.server.callers import Key

USAGE = "/v1/usage"
OPERATOR = "a-key-for-these-tests-0001"
DAYS = ("2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01")


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Key]:
    """Three keys, of which two have used three models on each of DAYS."""
    data = tmp_path / "data"
    data.mkdir()
    made = make_keys(url_of(data), "anna", "boris", admin="root")
    used = {
        UsageKey(made[name].id, day, model): Used(1, len(name), 10)
        for name in ("anna", "boris")
        for day in DAYS
        for model in (VERIFY_MODEL, "m1", "m2")
    }
    with_store(url_of(data), lambda database: UsageRecords(database).write("w", 1, used))
    return made


@pytest.fixture
def client(client_of: ClientOf, tmp_path: Path, keys: dict[str, Key]) -> TestClient:
    return client_of(Settings(data_dir=tmp_path / "data", web_search=False, api_keys=[OPERATOR]))


def ask(client: TestClient, key: str, **query: Any) -> httpx.Response:
    return client.get(USAGE, params=query, headers={"x-api-key": key})


def items(client: TestClient, key: str, **query: Any) -> list[dict[str, Any]]:
    answer = ask(client, key, **query)
    assert answer.status_code == 200, answer.text
    UsageListBody.model_validate(answer.json())
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def test_a_key_sees_its_own_use_the_newest_day_first(client: TestClient, keys: dict[str, Key]) -> None:
    found = items(client, keys["anna"].text)
    assert [(item["date"], item["model"]) for item in found] == [
        (day, model) for day in reversed(DAYS) for model in sorted((VERIFY_MODEL, "m1", "m2"))
    ]
    assert {(item["key_id"], item["key_name"]) for item in found} == {(keys["anna"].id, "anna")}
    expected = {"requests": 1, "input_tokens": 4, "output_tokens": 10, "total_tokens": 14}
    assert found[0].items() >= (expected | {"object": "usage"}).items()


def test_an_administrator_sees_all_keys_and_may_choose_one(client: TestClient, keys: dict[str, Key]) -> None:
    root = keys["root"].text
    assert {item["key_name"] for item in items(client, root)} == {"anna", "boris"}
    assert {item["key_name"] for item in items(client, root, key_id=keys["boris"].id)} == {"boris"}
    assert items(client, root, key_id=keys["root"].id) == [], "a key that has used nothing"
    assert ask(client, root, key_id="key_nobody").status_code == 404


@pytest.mark.parametrize("who", ["anna", "operator"])
def test_anothers_id_is_as_one_that_never_was(client: TestClient, keys: dict[str, Key], who: str) -> None:
    key = OPERATOR if who == "operator" else keys[who].text
    boris = keys["boris"].id
    others, nobodys = (ask(client, key, key_id=key_id) for key_id in (boris, "key_nobody"))
    assert (others.status_code, others.json()["error"]["code"]) == (404, "not_found")
    assert nobodys.status_code == 404
    assert others.text.replace(boris, "key_nobody") == nobodys.text


def test_a_key_of_the_settings_sees_its_own_use(client: TestClient) -> None:
    asked = {"prompt": "What is the rent?", "output": "It is 9 EUR.", "context": "The rent is 7 EUR."}
    assert client.post("/v1/verify/reliability", json=asked, headers={"x-api-key": OPERATOR}).status_code == 200
    (item,) = items(client, OPERATOR)
    assert (item["key_name"], item["model"], item["requests"]) == (None, VERIFY_MODEL, 1)
    assert item["key_id"].startswith("settings_")
    assert items(client, OPERATOR, key_id=item["key_id"]) == [item]


def test_days_are_inclusive_and_a_model_may_be_chosen(client: TestClient, keys: dict[str, Key]) -> None:
    key = keys["anna"].text
    found = items(client, key, start="2026-11-01", end="2026-11-30", model=VERIFY_ALIAS)
    assert [(item["date"], item["model"]) for item in found] == [
        ("2026-11-30", VERIFY_MODEL),
        ("2026-11-01", VERIFY_MODEL),
    ]
    assert len(items(client, key, start="2026-12-01")) == len(items(client, key, end="2026-10-31")) == 3
    assert items(client, key, model="m3") == []


@pytest.mark.parametrize("limit", [1, 5, 24, 100])
def test_pages_put_together_are_the_whole_list(client: TestClient, keys: dict[str, Key], limit: int) -> None:
    root = keys["root"].text
    whole, pages, query = items(client, root), [], {}
    for _ in range(len(whole) + 1):
        page = ask(client, root, limit=limit, **query).json()
        pages += page["data"]
        assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])
        if not page["has_more"]:
            break
        query = {"after": page["last_id"]}
    assert pages == whole
    assert len(whole) == 24


def test_a_place_in_anothers_list_shows_nothing_of_it(client: TestClient, keys: dict[str, Key]) -> None:
    of_boris = items(client, keys["boris"].text)[0]["id"]
    found = items(client, keys["anna"].text, after=of_boris)
    assert {item["key_name"] for item in found} == {"anna"}


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"start": "yesterday"}, "start"),
        ({"start": ""}, "start"),
        ({"start": "20261101"}, "start"),
        ({"start": "2026-W48-1"}, "start"),
        ({"end": "2026-02-30"}, "end"),
        ({"end": "\u0662\u0660\u0662\u0666-11-01"}, "end"),
        ({"start": "2026-11-02", "end": "2026-11-01"}, "start"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"after": "usage_"}, "after"),
        ({"after": "usage_W10"}, "after"),
        ({"after": "usage_WzEsMiwzXQ"}, "after"),
        ({"after": "batch_1"}, "after"),
        ({"start": ["2026-11-01", "2026-11-02"]}, "start"),
        ({"since": "2026-11-01"}, "since"),
        ({"start": "2026-11-01", "group_by": "model"}, "group_by"),
    ],
)
def test_what_is_wrong_with_a_question_is_said(
    client: TestClient, keys: dict[str, Key], query: dict[str, Any], param: str
) -> None:
    answer = ask(client, keys["anna"].text, **query)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert answer.json()["error"]["code"] == "invalid_input"


async def test_odd_characters_in_a_place_are_no_fault_of_the_database(database: Database) -> None:
    records = UsageRecords(database)
    for number, text in enumerate(("\0", "\ud800", "\N{SNOWMAN}", "'")):
        await records.write("w", number, {UsageKey("k", DAYS[0], text): Used(1)})
    place = UsageKey("\0", DAYS[1], "\ud800")
    (row,) = await records.page(Chosen(model="\0"), after=place, limit=9)
    assert row.used == Used(2), "neither is text that a database keeps"


def test_prometheus_tells_an_operator_of_all_keys(client: TestClient, keys: dict[str, Key]) -> None:
    asked = {"prompt": "What is the rent?", "output": "It is 9 EUR.", "context": "The rent is 7 EUR."}
    anna = keys["anna"]
    assert client.post("/v1/verify/reliability", json=asked, headers=anna.headers).status_code == 200
    assert client.get("/metrics", headers=anna.headers).status_code == 403
    text = client.get("/metrics", headers={"x-api-key": OPERATOR}).text
    assert f'touchstone_usage_requests_total{{key="{anna.id}",model="{VERIFY_MODEL}"}} 1.0' in text
    assert anna.text not in text
