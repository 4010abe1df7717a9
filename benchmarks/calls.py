"""What is sent to which server, as bytes."""

import json
from typing import Any

from benchmarks.load import Call
from benchmarks.running import Running
from benchmarks.samples import Sample

JSON_ONLY = "application/json"
EVENTS_TOO = "application/json, text/event-stream"

_NEW_REVISION = "2026-07-28"
_NEW_META = {
    "io.modelcontextprotocol/protocolVersion": _NEW_REVISION,
    "io.modelcontextprotocol/clientInfo": {"name": "benchmark", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def rest_call(server: Running, sample: Sample, path: str = "/v1/verify/reliability") -> Call:
    """The REST verification of `sample`; with another `path`, the same bytes for a bare route."""
    body = {"prompt": sample.prompt, "output": sample.response}
    return _post(server, path, body | ({} if sample.document is None else {"context": sample.document}), JSON_ONLY)


def mcp_call(server: Running, sample: Sample, accept: str, path: str = "/v1/mcp", new: bool = False) -> Call:
    """The `tools/call` that verifies `sample`; with another `path`, the same bytes for a floor.

    Without `new` it is the bare call of the revisions up to 2025-11-25, with it one of revision 2026-07-28.
    """
    arguments = {"prompt": sample.prompt, "response": sample.response}
    name = "verify"
    if sample.document is not None:
        name, arguments = "verify_document", arguments | {"documentContent": sample.document}
    params: dict[str, Any] = {"name": name, "arguments": arguments}
    headers = ""
    if new:
        params["_meta"] = _NEW_META
        headers = f"mcp-protocol-version: {_NEW_REVISION}\r\nmcp-method: tools/call\r\nmcp-name: {name}\r\n"
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return _post(server, path, body, accept, headers)


def chat_call(server: Running, model: str, stream: bool, key: str = "") -> Call:
    """A chat completion of an engine's model."""
    messages = [{"role": "user", "content": "Where does the Eiffel Tower stand? Answer in one sentence."}]
    body = {"model": model, "messages": messages, "stream": stream, "temperature": 0.2}
    headers = f"authorization: Bearer {key}\r\n" if key else ""
    return _post(server, "/v1/chat/completions", body, "*/*", headers)


def _post(server: Running, path: str, body: dict[str, Any], accept: str, headers: str = "") -> Call:
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\naccept: {accept}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n{headers}\r\n"
    )
    return Call(server.port, head.encode() + content)
