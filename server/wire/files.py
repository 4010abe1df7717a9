"""The shapes of `/v1/files`: OpenAI's. Times are whole seconds since 1970."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from inference.files.file import File, Purpose
from server.wire.paging import list_json
from server.wire.whole_number import WholeNumber
from tools.files import EXPIRES_AFTER_MAX_S, EXPIRES_AFTER_MIN_S, FilePage

UploadedPurpose = Literal["batch", "fine-tune", "user_data"]


class ExpiresAfter(BaseModel):
    """When a file expires."""

    anchor: Literal["created_at"]
    seconds: Annotated[
        WholeNumber,
        Field(
            description="After the file is made.",
            json_schema_extra={"minimum": EXPIRES_AFTER_MIN_S, "maximum": EXPIRES_AFTER_MAX_S},
        ),
    ]


class FileBody(BaseModel):
    """OpenAI's file."""

    model_config = ConfigDict(extra="forbid")
    id: str
    object: Literal["file"]
    bytes: Annotated[int, Field(ge=0)]
    created_at: int
    expires_at: int | None
    filename: str
    purpose: Purpose
    status: Literal["processed"]
    status_details: None


class FileListBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    object: Literal["list"]
    data: list[FileBody]
    first_id: str | None
    last_id: str | None
    has_more: bool


class FileDeletedBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    object: Literal["file"]
    deleted: Literal[True]


def file_json(file: File) -> dict[str, Any]:
    """`FileBody` as plain values."""
    return {
        "id": file.id,
        "object": "file",
        "bytes": file.bytes,
        "created_at": file.created_at,
        "expires_at": file.expires_at,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",  # whoever waits for a file (OpenAI's SDK does) waits for this
        "status_details": None,
    }


def file_list_json(page: FilePage) -> dict[str, Any]:
    """`FileListBody` as plain values."""
    return list_json([file_json(file) for file in page.files], has_more=page.has_more)
