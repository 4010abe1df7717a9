"""The shapes of `/v1/api-keys`, and of what `touchstone keys --json` prints. Times are whole seconds since 1970."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from inference.files.ids import ID_CHARS_MAX
from server.accounts.key_records import ApiKey
from server.accounts.new_keys import LIFETIME_MAX_S, LIFETIME_MIN_S, NAME_CHARS_MAX, NAME_PATTERN
from server.wire.paging import list_json
from server.wire.whole_number import WholeNumber

Status = Literal["active", "revoked", "expired"]

# Published, and checked elsewhere (`accounts/new_keys.py`), where an error can say more than a schema could.
_LIFETIME = {"anyOf": [{"type": "integer", "minimum": LIFETIME_MIN_S, "maximum": LIFETIME_MAX_S}, {"type": "null"}]}


class ApiKeyRequest(BaseModel):
    """Body of `POST /v1/api-keys`. No other field will do: a key that was asked for with `expires` would never end."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[
        StrictStr,
        Field(
            description="What people know it by; several may have the same.",
            json_schema_extra={"minLength": 1, "maxLength": NAME_CHARS_MAX, "pattern": NAME_PATTERN},
        ),
    ]
    plan: Annotated[StrictStr | None, Field(description="Whose limits it has; null: the server's default plan.")] = None
    expires_after: Annotated[
        WholeNumber | None,
        Field(description="Seconds from now on; null: it opens until it is revoked.", json_schema_extra=_LIFETIME),
    ] = None
    is_admin: Annotated[StrictBool, Field(description="Whether it also makes and revokes keys.")] = False
    same_owner_as: Annotated[
        StrictStr | None,
        Field(
            description="Id of a key whose files and batches it is to see; null: it has its own.",
            json_schema_extra={
                "anyOf": [{"type": "string", "minLength": 1, "maxLength": ID_CHARS_MAX}, {"type": "null"}]
            },
        ),
    ] = None


class ApiKeyChange(BaseModel):
    """Body of `POST /v1/api-keys/{key_id}`. A plan has to be said, so that an empty body takes none away."""

    model_config = ConfigDict(extra="forbid")
    plan: Annotated[
        StrictStr | None, Field(description="Whose limits it has from now on; null: the server's default plan.")
    ]


class ApiKeyBody(BaseModel):
    """What is known of a key. Its text is not."""

    model_config = ConfigDict(extra="forbid")
    id: str
    object: Literal["api_key"]
    name: str
    owner: Annotated[str, Field(description="Keys with the same owner see the same files and batches.")]
    plan: Annotated[str | None, Field(description="Null: the server's default plan.")]
    is_admin: bool
    last_four: Annotated[str, Field(description="The last four characters of the key.")]
    status: Status
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: Annotated[int | None, Field(description="To the minute.")]


class NewApiKeyBody(ApiKeyBody):
    """A key that was made or rotated just now."""

    key: Annotated[str, Field(description="The key itself, which is shown this once.")]


class ApiKeyListBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    object: Literal["list"]
    data: list[ApiKeyBody]
    first_id: str | None
    last_id: str | None
    has_more: bool


class ApiKeyDeletedBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    object: Literal["api_key"]
    deleted: Literal[True]


def status_of(key: ApiKey, now_s: float) -> Status:
    """Whether it opens anything, and why not."""
    if key.opens(now_s):
        return "active"
    return "expired" if key.revoked_at is None else "revoked"


def key_json(key: ApiKey, now_s: float, text: str | None = None) -> dict[str, Any]:
    """`ApiKeyBody` as plain values; with the key's `text`, `NewApiKeyBody`."""
    shown = {} if text is None else {"key": text}
    return {
        "id": key.id,
        "object": "api_key",
        "name": key.name,
        **shown,
        "owner": key.owner,
        "plan": key.plan,
        "is_admin": key.is_admin,
        "last_four": key.last_four,
        "status": status_of(key, now_s),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }


def key_list_json(keys: Sequence[ApiKey], now_s: float, *, has_more: bool) -> dict[str, Any]:
    """`ApiKeyListBody` as plain values."""
    return list_json([key_json(key, now_s) for key in keys], has_more=has_more)
