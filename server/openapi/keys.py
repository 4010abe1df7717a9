"""What `/openapi.json` says of API keys."""

from typing import Any

from inference.files.ids import ID_CHARS_MAX
from server.openapi.operations import get, json_content, post
from server.routes.api_keys import PAGE_DEFAULT, PAGE_MAX
from server.wire.keys import ApiKeyBody, ApiKeyChange, ApiKeyDeletedBody, ApiKeyListBody, ApiKeyRequest, NewApiKeyBody

KEY_MODELS = (ApiKeyRequest, ApiKeyChange, ApiKeyBody, NewApiKeyBody, ApiKeyListBody, ApiKeyDeletedBody)
KEY_EXAMPLE = {"name": "the nightly batch", "expires_after": 7_776_000}
PLAN_EXAMPLE = {"plan": "core"}

_ID = {"type": "string", "minLength": 1, "maxLength": ID_CHARS_MAX}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT}
_PAGE = [
    {"name": "limit", "in": "query", "schema": _LIMIT, "description": "How many at the most."},
    {
        "name": "after",
        "in": "query",
        "schema": {"type": "string", "maxLength": ID_CHARS_MAX},
        "description": "The id of the key that the list goes on after.",
    },
    {
        "name": "order",
        "in": "query",
        "schema": {"type": "string", "enum": ["asc", "desc"]},
        "description": "By the time at which they were made.",
    },
]
_ONE = {"parameters": [{"name": "key_id", "in": "path", "required": True, "schema": _ID, "description": "Of any key."}]}


_SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"key": []}]


def key_paths() -> dict[str, Any]:
    """The paths of `/v1/api-keys`. All need an administrator's key, also where the server asks for none."""
    paths = _paths()
    for operations in paths.values():
        for method in operations.keys() & {"get", "post", "delete"}:
            operations[method] = operations[method] | {"security": _SECURITY}
    return paths


def _paths() -> dict[str, dict[str, Any]]:
    return {
        "/v1/api-keys": {
            "get": get("List all API keys, the newest first", json_content(ApiKeyListBody)) | {"parameters": _PAGE},
            "post": post("Make an API key", ApiKeyRequest, NewApiKeyBody, None, KEY_EXAMPLE),
        },
        "/v1/api-keys/{key_id}": _ONE
        | {
            "get": get("One API key", json_content(ApiKeyBody)),
            "post": post("Give an API key another plan", ApiKeyChange, ApiKeyBody, None, PLAN_EXAMPLE),
            "delete": get("Revoke an API key, for good", json_content(ApiKeyDeletedBody)),
        },
        "/v1/api-keys/{key_id}/rotate": _ONE
        | {"post": get("Give an API key another text; the old one opens nothing more", json_content(NewApiKeyBody))},
    }


def with_plans(schemas: dict[str, Any], plans: tuple[str, ...]) -> dict[str, Any]:
    """The schemas of all models with the names of this server's plans in them."""
    if not plans:
        return schemas
    names = {"anyOf": [{"type": "string", "enum": list(plans)}, {"type": "null"}]}
    for model in (ApiKeyRequest.__name__, ApiKeyChange.__name__):
        of_model = schemas[model]
        properties = of_model["properties"] | {"plan": of_model["properties"]["plan"] | names}
        schemas = schemas | {model: of_model | {"properties": properties}}
    return schemas
