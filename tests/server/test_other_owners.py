"""What belongs to another key answers as what never was, over REST and MCP: same status, and the same bytes but for
the id that was asked for. What could be no id at all is answered alike, and never reaches a database that chokes on it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings
from tests.robustness.waiting import wait_until

ANN, BOB = {"authorization": "Bearer ann-3f9c41d27ab8e605"}, {"authorization": "Bearer bob-c07e58a1946d2bf3"}
FORM: dict[str, Any] = {"files": {"data": ("a", b"x")}}
UPLOAD = {"filename": "a.jsonl", "purpose": "batch", "bytes": 3, "mime_type": "application/jsonl"}
LINE = b'{"custom_id":"1","method":"POST","url":"/v1/verify/reliability","body":{"prompt":"p"}}\n'

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
class Theirs:
    """What Ann has."""

    file: str
    upload: str
    part: str
    batch: str
    output: str


Ask = Callable[[TestClient, str, Mapping[str, str]], httpx.Response]


def get(path: str, **more: Any) -> Ask:
    return lambda client, id_, headers: client.get(path.replace("ID", id_), headers=headers, **more)


def send(method: str, path: str, **more: Any) -> Ask:
    return lambda client, id_, headers: client.request(method, path.replace("ID", id_), headers=headers, **more)


def made_of(client: TestClient, id_: str, headers: Mapping[str, str]) -> httpx.Response:
    asked = {"input_file_id": id_, "endpoint": "/v1/verify/reliability", "completion_window": "24h"}
    return client.post("/v1/batches", json=asked, headers=headers)


PLACE_IN_LIST = "list files after one"
"""An id names a place in a list also once its file is deleted, so one that never was has its place too."""


FILE: dict[str, Ask] = {
    "look at a file": get("/v1/files/ID"),
    "read a file": get("/v1/files/ID/content"),
    "read some of a file": lambda client, id_, headers: client.get(
        f"/v1/files/{id_}/content", headers={**headers, "range": "bytes=999-"}
    ),
    "ask for the head of a file": send("HEAD", "/v1/files/ID/content"),
    "delete a file": send("DELETE", "/v1/files/ID"),
    PLACE_IN_LIST: get("/v1/files?after=ID"),
}
UPLOADS: dict[str, Ask] = {
    "send a part": send("POST", "/v1/uploads/ID/parts", **FORM),
    "complete an upload": send("POST", "/v1/uploads/ID/complete", json={"part_ids": []}),
    "complete with what is no digest": send("POST", "/v1/uploads/ID/complete", json={"part_ids": ["p"], "md5": "x"}),
    "cancel an upload": send("POST", "/v1/uploads/ID/cancel"),
}
BATCH: dict[str, Ask] = {
    "look at a batch": get("/v1/batches/ID"),
    "cancel a batch": send("POST", "/v1/batches/ID/cancel"),
    "list batches after one": get("/v1/batches?after=ID"),
}
ALL = FILE | UPLOADS | BATCH


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One server for all: nothing that Bob does here changes anything."""
    keys = (SecretStr("ann-3f9c41d27ab8e605"), SecretStr("bob-c07e58a1946d2bf3"))
    settings = Settings(data_dir=tmp_path_factory.mktemp("server"), web_search=False, api_keys=keys)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:3001") as client:
        yield client


@pytest.fixture(scope="module")
def theirs(client: TestClient) -> Theirs:
    form: dict[str, Any] = {"files": {"file": ("a.jsonl", LINE)}, "data": {"purpose": "batch"}}
    file_id = client.post("/v1/files", headers=ANN, **form).json()["id"]
    upload_id = client.post("/v1/uploads", json=UPLOAD, headers=ANN).json()["id"]
    part = client.post(f"/v1/uploads/{upload_id}/parts", headers=ANN, files={"data": ("a", b"abc")}).json()["id"]
    batch_id = made_of(client, file_id, ANN).json()["id"]
    wait_until(lambda: of_batch(client, batch_id)["status"] == "completed", "the batch has ended")
    return Theirs(file_id, upload_id, part, batch_id, of_batch(client, batch_id)["error_file_id"])


def of_batch(client: TestClient, batch_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/batches/{batch_id}", headers=ANN).json()
    return found


def told(answer: httpx.Response, id_: str) -> tuple[int, str, dict[str, str]]:
    """All of an answer but the id that was asked for, and what differs from request to request."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "content-length")}
    return answer.status_code, answer.text.replace(id_, "ID"), headers


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nobody"}, {"x-api-key": "nobody"}])
@pytest.mark.parametrize("what", ALL)
def test_without_a_key_nothing_is_told_of_anything(
    client: TestClient, theirs: Theirs, what: str, headers: dict[str, str]
) -> None:
    there = ALL[what](client, _of(theirs, what), headers)
    assert there.status_code == 401
    assert told(there, _of(theirs, what)) == told(ALL[what](client, "never", headers), "never")


@pytest.mark.parametrize("what", ALL)
def test_what_is_another_keys_answers_as_what_never_was(client: TestClient, theirs: Theirs, what: str) -> None:
    id_ = _of(theirs, what)
    never = id_[:-4] + "0000"
    there = told(ALL[what](client, id_, BOB), id_)
    assert there[0] == (200 if what == PLACE_IN_LIST else 404)
    assert there == told(ALL[what](client, never, BOB), never)
    assert of_batch(client, theirs.batch)["status"] == "completed"
    assert client.get(f"/v1/files/{theirs.file}/content", headers=ANN).content == LINE


@pytest.mark.parametrize("id_", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
@pytest.mark.parametrize("what", ALL)
def test_what_can_be_no_id_is_not_found_and_repeated_in_short(client: TestClient, what: str, id_: str) -> None:
    answer = ALL[what](client, id_, BOB)
    assert answer.status_code == 404
    assert len(answer.content) < 1000
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("which", ["file", "output"])
def test_no_batch_is_made_of_another_keys_file(client: TestClient, theirs: Theirs, which: str) -> None:
    id_ = getattr(theirs, which)
    there = told(made_of(client, id_, BOB), id_)
    assert there[0] == 404
    assert there == told(made_of(client, "file-never", BOB), "file-never")


@pytest.mark.parametrize("id_", ["a\0b", "../../etc/passwd", "א", "a" * 10_000, "\r\nset-cookie: a"])
def test_no_batch_is_made_of_what_can_be_no_id(client: TestClient, id_: str) -> None:
    answer = made_of(client, id_, BOB)
    assert answer.status_code == 404
    assert len(answer.content) < 1000


def test_a_part_of_another_keys_upload_is_no_part(client: TestClient, theirs: Theirs) -> None:
    mine = client.post("/v1/uploads", json=UPLOAD, headers=BOB).json()["id"]

    def completed(part: str) -> tuple[int, str, dict[str, str]]:
        answer = client.post(f"/v1/uploads/{mine}/complete", json={"part_ids": [part]}, headers=BOB)
        return told(answer, part)

    assert completed(theirs.part)[0] == 400
    assert completed(theirs.part) == completed("part_never")


def test_the_results_of_another_keys_batch_are_nobodys(client: TestClient, theirs: Theirs) -> None:
    for path in ("", "/content"):
        answers = [client.get(f"/v1/files/{id_}{path}", headers=BOB) for id_ in (theirs.output, "file-never")]
        assert told(answers[0], theirs.output) == told(answers[1], "file-never")
        assert answers[0].status_code == 404
    assert client.get("/v1/files", headers=BOB).json()["data"] == []
    assert client.get("/v1/batches", headers=BOB).json()["data"] == []


def over_mcp(client: TestClient, method: str, params: dict[str, Any], headers: dict[str, str] = BOB) -> str:
    """The answer as it comes."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return client.post("/v1/mcp", json=message, headers={**headers, "accept": "application/json"}).text


TOOLS: dict[str, Callable[[str], dict[str, Any]]] = {
    "batch_get": lambda id_: {"batch_id": id_},
    "batch_results": lambda id_: {"batch_id": id_},
    "batch_cancel": lambda id_: {"batch_id": id_},
    "batch_list": lambda id_: {"after": id_},
    "batch_submit": lambda id_: {"file_id": id_},
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_knows_nothing_of_another_keys(client: TestClient, theirs: Theirs, tool: str) -> None:
    def called(id_: str) -> str:
        return over_mcp(client, "tools/call", {"name": tool, "arguments": TOOLS[tool](id_)}).replace(id_, "ID")

    id_ = theirs.file if tool == "batch_submit" else theirs.batch
    there = called(id_)
    assert '"isError":true' in there
    assert there == called(id_[:-4] + "0000")
    for impossible in ("a\0b", "../../etc", "א", "a" * 10_000, "a\r\nb"):
        answer = called(impossible)
        assert '"isError":true' in answer
        assert "internal_error" not in answer
        assert len(answer) < 2000


@pytest.mark.parametrize("rest", ["", "/results", "/results?cursor=0-0"])
def test_a_resource_of_another_keys_is_none(client: TestClient, theirs: Theirs, rest: str) -> None:
    def read(id_: str) -> str:
        return over_mcp(client, "resources/read", {"uri": f"touchstone://batch/{id_}{rest}"}).replace(id_, "ID")

    there = read(theirs.batch)
    assert '"error"' in there
    assert there == read(theirs.batch[:-4] + "0000")


@pytest.mark.parametrize(
    "rest", ["", "/", "//", "/..", "?", "#", "%00", "a%00b", "a b", "[", "א", "a/results/b", "a" * 10_000, "/results"]
)
def test_an_address_that_is_no_resource_is_refused_and_no_fault(client: TestClient, rest: str) -> None:
    answer = over_mcp(client, "resources/read", {"uri": f"touchstone://batch/{rest}"})
    assert '"error"' in answer
    assert "-32603" not in answer
    assert len(answer) < 30_000


def _of(theirs: Theirs, what: str) -> str:
    if what in UPLOADS:
        return theirs.upload
    return theirs.batch if what in BATCH else theirs.file
