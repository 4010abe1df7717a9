"""A request as a server hands it to the application, for tests that must see each part of an answer when it comes."""

from collections.abc import Mapping
from typing import Any


def post_scope(path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Of a POST with a JSON body."""
    return scope_of("POST", path, {"content-type": "application/json", **(headers or {})})


def scope_of(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """Of a request from this machine to this machine."""
    sent = {"host": "127.0.0.1:3001", **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 3001),
    }
