"""What `/openapi.json` says of usage."""

from typing import Any

from inference.files.ids import ID_CHARS_MAX
from server.openapi.operations import get, json_content
from server.routes.usage import PAGE_DEFAULT, PAGE_MAX
from server.wire.usage import USAGE_ID_CHARS_MAX, UsageListBody

USAGE_MODELS = (UsageListBody,)

_DAY = {"type": "string", "format": "date"}


def usage_paths() -> dict[str, Any]:
    """The path of `/v1/usage`."""
    usage = get("What your key has used, by day and model", json_content(UsageListBody))
    return {
        "/v1/usage": {
            "get": usage
            | {
                "parameters": [
                    _query("start", _DAY, "The first day, in UTC."),
                    _query("end", _DAY, "The last day, in UTC."),
                    _query("model", {"type": "string"}, "One model alone."),
                    _query(
                        "key_id",
                        {"type": "string", "maxLength": ID_CHARS_MAX},
                        "One key alone: your own, or any for an administrator, who sees all keys without it.",
                    ),
                    _query(
                        "limit",
                        {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT},
                        "How many at the most.",
                    ),
                    _query(
                        "after",
                        {"type": "string", "maxLength": USAGE_ID_CHARS_MAX},
                        "The id of the item that the list goes on after.",
                    ),
                ]
            }
        }
    }


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}
