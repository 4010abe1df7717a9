"""What is wrong with an MCP message, before the SDK sees it: plain words where the SDK would show its own validation.

MCP 2025-06-18 and later: one JSON-RPC 2.0 message a POST, no batches, and ids that are text or whole numbers. An id
that is neither would make the SDK take a call for a notification, accept it and never answer. What is no JSON is left
to the SDK. This module knows JSON-RPC's envelope and nothing of methods.
"""

from typing import Any

import orjson
from starlette.responses import Response

from server.errors import JSON
from server.wire.validation import json_type

INVALID_REQUEST = -32600  # JSON-RPC 2.0, section 5.1
INVALID_PARAMS = -32602


def checked(body: bytes, content_type: str) -> Response | dict[str, Any]:
    """The message; or the answer to one that cannot be handled as it stands. Empty if it is for the SDK to refuse."""
    if content_type.partition(";")[0].strip().lower() != JSON:
        return _error(415, INVALID_REQUEST, f"send the message as content-type: {JSON}")
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(message, list):
        return _error(400, INVALID_REQUEST, "batches are no part of MCP; send one message a request")
    if not isinstance(message, dict):
        return _error(400, INVALID_REQUEST, f"a message is a JSON object, not a JSON {json_type(message)}")
    return _refusal_of_object(message) or message


def _refusal_of_object(message: dict[str, Any]) -> Response | None:
    if "id" in message and "method" in message and not _is_id(message["id"]):
        return _error(400, INVALID_REQUEST, f"id is a JSON {json_type(message['id'])}; send a string or a whole number")
    answered = message["id"] if _is_id(message.get("id")) else None
    if message.get("jsonrpc") != "2.0":
        return _error(400, INVALID_REQUEST, 'jsonrpc has to be "2.0"', answered)
    if message.keys() & {"result", "error"}:
        return None
    if not isinstance(message.get("method"), str):
        return _error(400, INVALID_REQUEST, "method is required, and is a string", answered)
    if not isinstance(message.get("params", {}), dict | None):
        return _error(400, INVALID_PARAMS, f"params is a JSON {json_type(message['params'])}; send an object", answered)
    return None


def _is_id(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()  # whole numbers over 64 bits arrive as floats here
    return isinstance(value, str | int) and not isinstance(value, bool)


def _error(status: int, code: int, message: str, answered: object = None) -> Response:
    body = {"jsonrpc": "2.0", "id": answered, "error": {"code": code, "message": message}}
    return Response(orjson.dumps(body), status, media_type=JSON)
