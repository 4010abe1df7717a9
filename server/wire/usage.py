"""The shapes of `/v1/usage`: a list as OpenAI's are, of what a key used of a model on a day."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from inference.errors import BadInput
from inference.usage.usage_records import MODEL_CHARS_MAX, UsageRow
from inference.usage.used import UsageKey, Used
from server.wire.paging import list_json

USAGE_ID_PREFIX = "usage_"
USAGE_ID_CHARS_MAX = 6_000
"""Of the id of an item, which holds the names of its key and its model."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class UsageItem(BaseModel):
    """What one key used of one model on one day, in UTC."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(description="To go on after, as `after`.")]
    object: Literal["usage"]
    date: Annotated[str, Field(description="Such as 2026-11-26.")]
    key_id: str
    key_name: Annotated[str | None, Field(description="Null for what is no key of the store.")]
    model: str
    requests: Annotated[int, Field(ge=0)]
    input_tokens: Annotated[int, Field(ge=0)]
    output_tokens: Annotated[int, Field(ge=0)]
    total_tokens: Annotated[int, Field(ge=0)]


class UsageListBody(BaseModel):
    """The newest day first."""

    model_config = ConfigDict(extra="forbid")
    object: Literal["list"]
    data: list[UsageItem]
    first_id: str | None
    last_id: str | None
    has_more: bool


def usage_list_json(rows: Sequence[UsageRow], has_more: bool) -> dict[str, Any]:
    """`UsageListBody` as plain values."""
    return list_json([_item_json(row) for row in rows], has_more=has_more)


def _item_json(row: UsageRow) -> dict[str, Any]:
    key, used = row.key, row.used
    return {
        "id": _id_of(key),
        "object": "usage",
        "date": key.day,
        "key_id": key.key_id,
        "key_name": row.key_name,
        "model": key.model,
    } | used_json(used)


def used_json(used: Used) -> dict[str, int]:
    """Requests and tokens as plain values."""
    return {
        "requests": used.requests,
        "input_tokens": used.input_tokens,
        "output_tokens": used.output_tokens,
        "total_tokens": used.total_tokens,
    }


def _id_of(key: UsageKey) -> str:
    written = orjson.dumps([key.day, key.key_id, key.model])
    return USAGE_ID_PREFIX + base64.urlsafe_b64encode(written).decode().rstrip("=")


def place_of(item_id: str) -> UsageKey:
    """The place in the list that the id of an item stands for. Raises BadInput for what is no such id."""
    text = item_id.removeprefix(USAGE_ID_PREFIX)
    try:
        if text == item_id or len(item_id) > USAGE_ID_CHARS_MAX:
            raise ValueError
        match orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)):
            case [str(day), str(key_id), str(model)] if len(model) <= MODEL_CHARS_MAX:
                return UsageKey(key_id, day, model)
            case _:
                raise ValueError
    except (ValueError, binascii.Error):
        raise BadInput(
            f"after: {item_id[:40]!r} is the id of no item of /v1/usage; send the last_id of a page", "after"
        ) from None


def day_in(text: str, param: str) -> str:
    """A day as the store has it. Raises BadInput, naming `param`, for what is none."""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInput(f"{param}: {text[:40]!r} is no day; write it as 2026-11-26, in UTC", param) from None
