"""The shapes of `/v1/uploads`: OpenAI's. Times are whole seconds since 1970."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from inference.files.file import UPLOADED, File
from inference.files.upload import PARTS_MAX, Upload, UploadPart, UploadStatus
from server.wire.files import ExpiresAfter, FileBody, file_json
from server.wire.whole_number import WholeNumber
from tools.files import LABEL_CHARS_MAX

_NAME = {"minLength": 1, "maxLength": LABEL_CHARS_MAX}


class UploadRequest(BaseModel):
    """Body of `POST /v1/uploads`."""

    filename: Annotated[StrictStr, Field(json_schema_extra=_NAME)]
    purpose: Annotated[StrictStr, Field(json_schema_extra={"enum": list(UPLOADED)})]
    bytes: Annotated[WholeNumber, Field(ge=0, description="That the file has.")]
    mime_type: Annotated[StrictStr, Field(json_schema_extra=_NAME)]
    expires_after: ExpiresAfter | None = None


class CompleteRequest(BaseModel):
    """Body of `POST /v1/uploads/{upload_id}/complete`."""

    part_ids: Annotated[list[StrictStr], Field(max_length=PARTS_MAX, description="In the order of the file.")]
    md5: Annotated[StrictStr | None, Field(description="Of the whole file, in hexadecimal digits.")] = None


class UploadBody(BaseModel):
    """OpenAI's upload. `file` is there when it is completed."""

    model_config = ConfigDict(extra="forbid")
    id: str
    object: Literal["upload"]
    bytes: Annotated[int, Field(ge=0)]
    created_at: int
    expires_at: int
    filename: str
    purpose: str
    status: UploadStatus
    file: FileBody | None


class UploadPartBody(BaseModel):
    """OpenAI's part of an upload."""

    model_config = ConfigDict(extra="forbid")
    id: str
    object: Literal["upload.part"]
    created_at: int
    upload_id: str


def upload_json(upload: Upload, file: File | None = None) -> dict[str, Any]:
    """`UploadBody` as plain values."""
    return {
        "id": upload.id,
        "object": "upload",
        "bytes": upload.bytes,
        "created_at": upload.created_at,
        "expires_at": upload.expires_at,
        "filename": upload.filename,
        "purpose": upload.purpose,
        "status": upload.status,
        "file": None if file is None else file_json(file),
    }


def part_json(part: UploadPart) -> dict[str, Any]:
    """`UploadPartBody` as plain values."""
    return {"id": part.id, "object": "upload.part", "created_at": part.created_at, "upload_id": part.upload_id}
