"""How each endpoint, tool and resource is asked for: of Ann's things, if it is for what somebody owns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.testclient import TestClient

from tests.server.callers import Headers, Keys

LINE = b'{"custom_id":"1","method":"POST","url":"/v1/verify/reliability","body":{"prompt":"p"}}\n'
UPLOAD = {"filename": "a.jsonl", "purpose": "batch", "bytes": len(LINE), "mime_type": "application/jsonl"}
VERIFY = {"prompt": "Who is ill?", "output": "Nobody is.", "context": "Nobody is ill."}
MESSAGES = [{"role": "user", "content": "hello"}]
USE_UP = ("batch_submit", "batch_cancel")
"""Tools after which a thing of Ann's is not what it was."""


@dataclass(frozen=True)
class Asked:
    """A request but for who makes it."""

    method: str
    path: str
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def is_mcp(self) -> bool:
        return "jsonrpc" in self.content.get("json", {})

    @property
    def only_reads(self) -> bool:
        """Whether what it asks for is as good as new afterwards."""
        called = self.content.get("json", {}).get("params", {}).get("name", "")
        return self.method == "GET" or (self.is_mcp and called not in USE_UP)

    def of(self, client: TestClient, headers: Headers) -> httpx.Response:
        return client.request(self.method, self.path, headers=headers, **self.content)


class Ann:
    """Whose things are asked for. They are made once, and anew after `forget`: who is refused changes nothing."""

    def __init__(self, client: TestClient, headers: Headers) -> None:
        self._client = client
        self._headers = headers
        self._made: dict[str, str] = {}

    def forget(self) -> None:
        """Has the next one who asks be given things that nobody has used."""
        self._made.clear()

    def file(self) -> str:
        form: dict[str, Any] = {"files": {"file": ("a.jsonl", LINE)}, "data": {"purpose": "batch"}}
        return self._one("/v1/files", **form)

    def batch(self) -> str:
        return self._one("/v1/batches", json=batch_of(self.file()))

    def upload(self) -> str:
        return self._one("/v1/uploads", json=UPLOAD)

    def part(self) -> str:
        return self._one(f"/v1/uploads/{self.upload()}/parts", files={"data": ("a", LINE)})

    def spare_key(self) -> str:
        """A key of the store that nobody sends. An administrator's thing, and not hers."""
        return Keys(self._client).made("spare").id

    def _one(self, path: str, **content: Any) -> str:
        if path not in self._made:
            answer = self._client.post(path, headers=self._headers, **content)
            assert answer.status_code == 200, answer.text
            self._made[path] = answer.json()["id"]
        return self._made[path]


Row = Callable[[Ann], Asked]


def get(path: str) -> Row:
    return lambda ann: Asked("GET", path)


def post(path: str, body: dict[str, Any]) -> Row:
    return lambda ann: Asked("POST", path, {"json": body})


def rpc(method: str, params: dict[str, Any], path: str = "/v1/mcp") -> Asked:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return Asked("POST", path, {"json": message})


def tool(name: str, arguments: Callable[[Ann], dict[str, Any]]) -> Row:
    return lambda ann: rpc("tools/call", {"name": name, "arguments": arguments(ann)})


def resource(uri: Callable[[Ann], str]) -> Row:
    return lambda ann: rpc("resources/read", {"uri": uri(ann)})


def batch_of(file_id: str) -> dict[str, Any]:
    return {"input_file_id": file_id, "endpoint": "/v1/verify/reliability", "completion_window": "24h"}


ROWS: dict[str, Row] = {
    "GET /": get("/"),
    "GET /health": get("/health"),
    "GET /ready": get("/ready"),
    "GET /openapi.json": get("/openapi.json"),
    "GET /metrics": get("/metrics"),
    "GET /v1/models": get("/v1/models"),
    "GET /v1/models/{model:path}": get("/v1/models/klusterai/verify-reliability"),
    "POST /v1/verify/reliability": post("/v1/verify/reliability", VERIFY),
    "POST /v1/chat/completions": post("/v1/chat/completions", {"model": "echo", "messages": MESSAGES}),
    "POST /v1/completions": post("/v1/completions", {"model": "echo", "prompt": "hello"}),
    "POST /v1/embeddings": post("/v1/embeddings", {"model": "echo", "input": "hello"}),
    "GET /v1/files": get("/v1/files"),
    "POST /v1/files": lambda ann: Asked(
        "POST", "/v1/files", {"files": {"file": ("a.jsonl", LINE)}, "data": {"purpose": "batch"}}
    ),
    "GET /v1/files/{file_id}": lambda ann: Asked("GET", f"/v1/files/{ann.file()}"),
    "DELETE /v1/files/{file_id}": lambda ann: Asked("DELETE", f"/v1/files/{ann.file()}"),
    "GET /v1/files/{file_id}/content": lambda ann: Asked("GET", f"/v1/files/{ann.file()}/content"),
    "POST /v1/uploads": post("/v1/uploads", UPLOAD),
    "POST /v1/uploads/{upload_id}/parts": lambda ann: Asked(
        "POST", f"/v1/uploads/{ann.upload()}/parts", {"files": {"data": ("a", LINE)}}
    ),
    "POST /v1/uploads/{upload_id}/complete": lambda ann: Asked(
        "POST", f"/v1/uploads/{ann.upload()}/complete", {"json": {"part_ids": [ann.part()]}}
    ),
    "POST /v1/uploads/{upload_id}/cancel": lambda ann: Asked("POST", f"/v1/uploads/{ann.upload()}/cancel"),
    "GET /v1/batches": get("/v1/batches"),
    "POST /v1/batches": lambda ann: Asked("POST", "/v1/batches", {"json": batch_of(ann.file())}),
    "GET /v1/batches/{batch_id}": lambda ann: Asked("GET", f"/v1/batches/{ann.batch()}"),
    "POST /v1/batches/{batch_id}/cancel": lambda ann: Asked("POST", f"/v1/batches/{ann.batch()}/cancel"),
    "GET /v1/usage": get("/v1/usage"),
    "GET /v1/api-keys": get("/v1/api-keys"),
    "POST /v1/api-keys": post("/v1/api-keys", {"name": "another"}),
    "GET /v1/api-keys/{key_id}": lambda ann: Asked("GET", f"/v1/api-keys/{ann.spare_key()}"),
    "POST /v1/api-keys/{key_id}": lambda ann: Asked(
        "POST", f"/v1/api-keys/{ann.spare_key()}", {"json": {"plan": None}}
    ),
    "DELETE /v1/api-keys/{key_id}": lambda ann: Asked("DELETE", f"/v1/api-keys/{ann.spare_key()}"),
    "POST /v1/api-keys/{key_id}/rotate": lambda ann: Asked("POST", f"/v1/api-keys/{ann.spare_key()}/rotate"),
    "GET /v1/mcp/status": get("/v1/mcp/status"),
    "POST /v1/mcp/enable": post("/v1/mcp/enable", {}),
    "POST /v1/mcp/disable": post("/v1/mcp/disable", {}),
    "POST /v1/mcp": lambda ann: rpc("tools/list", {}),
    "POST /stream": lambda ann: rpc("tools/list", {}, "/stream"),
    "tool verify": tool("verify", lambda ann: {"prompt": "Hello", "response": "Happy to help!"}),
    "tool verify_document": tool(
        "verify_document",
        lambda ann: {"prompt": "Who is ill?", "response": "Nobody is.", "documentContent": "Nobody is ill."},
    ),
    "tool chat": tool("chat", lambda ann: {"model": "echo", "prompt": "hello"}),
    "tool batch_submit": tool("batch_submit", lambda ann: {"file_id": ann.file()}),
    "tool batch_get": tool("batch_get", lambda ann: {"batch_id": ann.batch()}),
    "tool batch_results": tool("batch_results", lambda ann: {"batch_id": ann.batch()}),
    "tool batch_list": tool("batch_list", lambda ann: {}),
    "tool batch_cancel": tool("batch_cancel", lambda ann: {"batch_id": ann.batch()}),
    "resource touchstone://server": resource(lambda ann: "touchstone://server"),
    "resource touchstone://batch/{id}": resource(lambda ann: f"touchstone://batch/{ann.batch()}"),
    "resource touchstone://batch/{id}/results{?cursor}": resource(
        lambda ann: f"touchstone://batch/{ann.batch()}/results"
    ),
    "prompt verify": lambda ann: rpc("prompts/get", {"name": "verify", "arguments": {}}),
}
