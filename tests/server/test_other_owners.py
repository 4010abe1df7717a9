"""What belongs to another key answers as what never was, over REST and MCP: same status, and the same bytes but for
the id that was asked for. What could be no id at all is answered alike, and never reaches a database that chokes on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings
from tests.server.callers import Headers, Keys, bearer
from tests.server.owned_things import (
    ALL,
    LINE,
    PLACE_IN_LIST,
    TOOLS,
    UPLOAD,
    Theirs,
    made_of,
    make_things,
    of_batch,
    over_mcp,
    told,
)

ANN, BOB = bearer("ann-3f9c41d27ab8e605"), bearer("bob-c07e58a1946d2bf3")
"""Keys of the settings."""

WHOSE = ("of the settings", "of the store")
OTHERS = ("another of the settings", "another of the store", "of an administrator")

IMPOSSIBLE = {
    "a NUL": "a%00b",
    "an escape": "%1b%5b31m",
    "no UTF-8": "%ff%fe",
    "half a surrogate pair": "%ed%a0%80",
    "letters of another script": "%D7%A9%D7%9C%D7%95%D7%9D",
    "full-width digits": "file-%EF%BC%91",
    "a path upwards": "..%2f..%2fetc%2fpasswd",
    "a path": "%2fetc%2fpasswd",
    "a line break": "a%0d%0aset-cookie:b",
    "quotes": "'%20OR%201=1--",
    "a pattern": "%25",
    "too long": "a" * 10_000,
}


@dataclass(frozen=True)
class Pair:
    """Ann, what she has, and Bob."""

    ann: Headers
    theirs: Theirs
    bob: Headers
    bobs_token: Headers


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One server for all: nothing that Bob does here changes anything."""
    keys = (SecretStr("ann-3f9c41d27ab8e605"), SecretStr("bob-c07e58a1946d2bf3"))
    settings = Settings(data_dir=tmp_path_factory.mktemp("server"), web_search=False, api_keys=keys)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:3001") as client:
        yield client


@pytest.fixture(scope="module")
def pairs(client: TestClient) -> dict[tuple[str, str], Pair]:
    """Two keys of every sort."""
    keys = Keys(client)
    anns = dict(zip(WHOSE, (ANN, keys.made("ann").headers), strict=True))
    things = {name: make_things(client, ann) for name, ann in anns.items()}
    others = dict(zip(OTHERS, (BOB, keys.made("bob").headers, keys.made("eve", is_admin=True).headers), strict=True))
    tokens = {name: bearer(keys.token(bob)) for name, bob in others.items()}
    return {
        (whose, who): Pair(anns[whose], things[whose], others[who], tokens[who]) for whose in WHOSE for who in OTHERS
    }


@pytest.fixture
def theirs(pairs: dict[tuple[str, str], Pair]) -> Theirs:
    return pairs[WHOSE[0], OTHERS[0]].theirs


@pytest.fixture(params=[(whose, who) for whose in WHOSE for who in OTHERS], ids=" and ".join)
def pair(request: pytest.FixtureRequest, pairs: dict[tuple[str, str], Pair]) -> Pair:
    return pairs[request.param]


@pytest.mark.parametrize("headers", [{}, bearer("nobody"), {"x-api-key": "nobody"}])
@pytest.mark.parametrize("what", ALL)
def test_without_a_key_nothing_is_told_of_anything(
    client: TestClient, theirs: Theirs, what: str, headers: Headers
) -> None:
    there = ALL[what](client, theirs.of(what), headers)
    assert there.status_code == 401
    assert told(there, theirs.of(what)) == told(ALL[what](client, "never", headers), "never")


@pytest.mark.parametrize("what", ALL)
def test_what_is_another_keys_answers_as_what_never_was(client: TestClient, pair: Pair, what: str) -> None:
    id_ = pair.theirs.of(what)
    never = id_[:-4] + "0000"
    there = told(ALL[what](client, id_, pair.bob), id_)
    assert there[0] == (200 if what == PLACE_IN_LIST else 404)
    assert there == told(ALL[what](client, never, pair.bob), never)
    assert of_batch(client, pair.theirs.batch, pair.ann)["status"] == "completed"
    assert client.get(f"/v1/files/{pair.theirs.file}/content", headers=pair.ann).content == LINE


@pytest.mark.parametrize("id_", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
@pytest.mark.parametrize("what", ALL)
def test_what_can_be_no_id_is_not_found_and_repeated_in_short(client: TestClient, what: str, id_: str) -> None:
    answer = ALL[what](client, id_, BOB)
    assert answer.status_code == 404
    assert len(answer.content) < 1000
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("which", ["file", "output"])
def test_no_batch_is_made_of_another_keys_file(client: TestClient, pair: Pair, which: str) -> None:
    id_ = getattr(pair.theirs, which)
    there = told(made_of(client, id_, pair.bob), id_)
    assert there[0] == 404
    assert there == told(made_of(client, "file-never", pair.bob), "file-never")


@pytest.mark.parametrize("id_", ["a\0b", "../../etc/passwd", "א", "a" * 10_000, "\r\nset-cookie: a"])
def test_no_batch_is_made_of_what_can_be_no_id(client: TestClient, id_: str) -> None:
    answer = made_of(client, id_, BOB)
    assert answer.status_code == 404
    assert len(answer.content) < 1000


def test_a_part_of_another_keys_upload_is_no_part(client: TestClient, pair: Pair) -> None:
    mine = client.post("/v1/uploads", json=UPLOAD, headers=pair.bob).json()["id"]

    def completed(part: str) -> tuple[int, str, dict[str, str]]:
        answer = client.post(f"/v1/uploads/{mine}/complete", json={"part_ids": [part]}, headers=pair.bob)
        return told(answer, part)

    assert completed(pair.theirs.part)[0] == 400
    assert completed(pair.theirs.part) == completed("part_never")


def test_the_results_of_another_keys_batch_are_nobodys(client: TestClient, pair: Pair) -> None:
    for path in ("", "/content"):
        answers = [client.get(f"/v1/files/{id_}{path}", headers=pair.bob) for id_ in (pair.theirs.output, "file-never")]
        assert told(answers[0], pair.theirs.output) == told(answers[1], "file-never")
        assert answers[0].status_code == 404
    assert client.get("/v1/files", headers=pair.bob).json()["data"] == []
    assert client.get("/v1/batches", headers=pair.bob).json()["data"] == []


@pytest.mark.parametrize("by", ["bob", "bobs_token"])
@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_knows_nothing_of_another_keys(client: TestClient, pair: Pair, tool: str, by: str) -> None:
    def called(id_: str) -> str:
        call = {"name": tool, "arguments": TOOLS[tool](id_)}
        return over_mcp(client, "tools/call", call, getattr(pair, by)).replace(id_, "ID")

    id_ = pair.theirs.file if tool == "batch_submit" else pair.theirs.batch
    there = called(id_)
    assert '"isError":true' in there
    assert there == called(id_[:-4] + "0000")


@pytest.mark.parametrize("impossible", ["a\0b", "../../etc", "א", "a" * 10_000, "a\r\nb"])
@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_refuses_what_can_be_no_id(client: TestClient, tool: str, impossible: str) -> None:
    answer = over_mcp(client, "tools/call", {"name": tool, "arguments": TOOLS[tool](impossible)}, BOB)
    assert '"isError":true' in answer
    assert "internal_error" not in answer
    assert len(answer.replace(impossible, "ID")) < 2000


@pytest.mark.parametrize("by", ["bob", "bobs_token"])
@pytest.mark.parametrize("rest", ["", "/results", "/results?cursor=0-0"])
def test_a_resource_of_another_keys_is_none(client: TestClient, pair: Pair, rest: str, by: str) -> None:
    def read(id_: str) -> str:
        uri = f"touchstone://batch/{id_}{rest}"
        return over_mcp(client, "resources/read", {"uri": uri}, getattr(pair, by)).replace(id_, "ID")

    there = read(pair.theirs.batch)
    assert '"error"' in there
    assert there == read(pair.theirs.batch[:-4] + "0000")


@pytest.mark.parametrize(
    "rest", ["", "/", "//", "/..", "?", "#", "%00", "a%00b", "a b", "[", "א", "a/results/b", "a" * 10_000, "/results"]
)
def test_an_address_that_is_no_resource_is_refused_and_no_fault(client: TestClient, rest: str) -> None:
    answer = over_mcp(client, "resources/read", {"uri": f"touchstone://batch/{rest}"}, BOB)
    assert '"error"' in answer
    assert "-32603" not in answer
    assert len(answer) < 30_000
