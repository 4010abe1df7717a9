"""What `/openapi.json` says of batches."""

from typing import Any

from inference.files.ids import ID_CHARS_MAX
from server.openapi.operations import get, json_content, post
from server.wire.batches import BatchBody, BatchListBody, BatchRequest
from tools.batches import PAGE_DEFAULT, PAGE_MAX

BATCH_MODELS = (BatchRequest, BatchBody, BatchListBody)
BATCH_EXAMPLE = {
    "input_file_id": "file-123",
    "endpoint": "/v1/verify/reliability",
    "completion_window": "24h",
    "metadata": {"data_set": "answers of May"},
}

_ID = {"type": "string", "minLength": 1, "maxLength": ID_CHARS_MAX}
_AFTER = {"type": "string", "maxLength": ID_CHARS_MAX}  # empty, it is the beginning
_LIMIT = {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT}
_PAGE = [
    {"name": "limit", "in": "query", "schema": _LIMIT, "description": "How many at the most."},
    {
        "name": "after",
        "in": "query",
        "schema": _AFTER,
        "description": "The id of the batch that the list goes on after.",
    },
]
_ONE = {
    "parameters": [
        {"name": "batch_id", "in": "path", "required": True, "schema": _ID, "description": "A batch of yours."}
    ]
}


def batch_paths() -> dict[str, Any]:
    """The paths of `/v1/batches`."""
    return {
        "/v1/batches": {
            "get": get("List your batches, the newest first", json_content(BatchListBody)) | {"parameters": _PAGE},
            "post": post("Have a file of requests answered", BatchRequest, BatchBody, None, BATCH_EXAMPLE),
        },
        "/v1/batches/{batch_id}": _ONE | {"get": get("One batch as it is now", json_content(BatchBody))},
        "/v1/batches/{batch_id}/cancel": _ONE
        | {"post": get("Cancel a batch; what was answered is kept", json_content(BatchBody))},
    }
