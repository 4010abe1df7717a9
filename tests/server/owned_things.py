"""What somebody owns, and every way to ask for it by its id: over REST, by the MCP tools, as MCP resources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.testclient import TestClient

from tests.robustness.waiting import wait_until
from tests.server.callers import Headers

FORM: dict[str, Any] = {"files": {"data": ("a", b"x")}}
UPLOAD = {"filename": "a.jsonl", "purpose": "batch", "bytes": 3, "mime_type": "application/jsonl"}
LINE = b'{"custom_id":"1","method":"POST","url":"/v1/verify/reliability","body":{"prompt":"p"}}\n'


@dataclass(frozen=True)
class Theirs:
    """What somebody has, by its ids."""

    file: str
    upload: str
    part: str
    batch: str
    output: str

    def of(self, what: str) -> str:
        """The id that a way of asking is for."""
        if what in UPLOADS:
            return self.upload
        return self.batch if what in BATCH else self.file


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


def make_things(client: TestClient, headers: Headers) -> Theirs:
    """A file, an upload with a part, and a batch that has ended, of whoever has these headers."""
    form: dict[str, Any] = {"files": {"file": ("a.jsonl", LINE)}, "data": {"purpose": "batch"}}
    file_id = client.post("/v1/files", headers=headers, **form).json()["id"]
    upload_id = client.post("/v1/uploads", json=UPLOAD, headers=headers).json()["id"]
    part = client.post(f"/v1/uploads/{upload_id}/parts", headers=headers, files={"data": ("a", b"abc")}).json()["id"]
    batch_id = made_of(client, file_id, headers).json()["id"]
    wait_until(lambda: of_batch(client, batch_id, headers)["status"] == "completed", "the batch has ended")
    return Theirs(file_id, upload_id, part, batch_id, of_batch(client, batch_id, headers)["error_file_id"])


def of_batch(client: TestClient, batch_id: str, headers: Headers) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/batches/{batch_id}", headers=headers).json()
    return found


def told(answer: httpx.Response, id_: str) -> tuple[int, str, dict[str, str]]:
    """All of an answer but the id that was asked for, and what differs from request to request."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("x-request-id", "content-length") and not name.startswith("x-ratelimit-")
    }
    return answer.status_code, answer.text.replace(id_, "ID"), headers


def over_mcp(client: TestClient, method: str, params: dict[str, Any], headers: Headers) -> str:
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
