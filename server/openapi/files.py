"""What `/openapi.json` says of files and uploads."""

from typing import Any

from inference.files.file import UPLOADED, Purpose
from inference.files.ids import ID_CHARS_MAX
from server.openapi.operations import Models, errors, get, json_content, post
from server.wire.files import FileBody, FileDeletedBody, FileListBody
from server.wire.uploads import CompleteRequest, UploadBody, UploadPartBody, UploadRequest
from tools.files import EXPIRES_AFTER_MAX_S, EXPIRES_AFTER_MIN_S, NOT_OURS, PAGE_MAX

FILE_MODELS = (
    FileBody,
    FileListBody,
    FileDeletedBody,
    UploadRequest,
    UploadBody,
    UploadPartBody,
    CompleteRequest,
)

_BYTES: dict[str, Any] = {"application/octet-stream": {}, "application/jsonl": {}}
_ID = {"type": "string", "minLength": 1, "maxLength": ID_CHARS_MAX}

_BOTH = {
    "expires_after[anchor]": ["expires_after[seconds]"],
    "expires_after[seconds]": ["expires_after[anchor]"],
}
_UPLOAD_EXAMPLE = {
    "filename": "requests.jsonl",
    "purpose": "batch",
    "bytes": 2_000_000_000,
    "mime_type": "application/jsonl",
}


def file_paths() -> dict[str, Any]:
    """The paths of `/v1/files` and `/v1/uploads`."""
    one = {"parameters": [_path_id("file_id", "A file of yours.")]}
    return {
        "/v1/files": {
            "get": get("List your files, the newest first", json_content(FileListBody)) | {"parameters": _of_list()},
            "post": _form("Upload a file", _file_form(), ("file", "purpose"), FileBody, dependentRequired=_BOTH),
        },
        "/v1/files/{file_id}": one
        | {
            "get": get("One file", json_content(FileBody)),
            "delete": get("Delete a file", json_content(FileDeletedBody)),
        },
        "/v1/files/{file_id}/content": one | {"get": _content()},
        **_upload_paths(),
    }


def _upload_paths() -> dict[str, Any]:
    one = {"parameters": [_path_id("upload_id", "An upload of yours.")]}
    data = {"data": {"type": "string", "format": "binary"}}
    return {
        "/v1/uploads": {
            "post": post("Begin a file that comes in parts", UploadRequest, UploadBody, None, _UPLOAD_EXAMPLE)
        },
        "/v1/uploads/{upload_id}/parts": one | {"post": _form("Send a part", data, ("data",), UploadPartBody)},
        "/v1/uploads/{upload_id}/complete": one
        | {"post": post("Make a file of the parts", CompleteRequest, UploadBody, None, {"part_ids": ["part_1a2b"]})},
        "/v1/uploads/{upload_id}/cancel": one | {"post": get("Give an upload up", json_content(UploadBody))},
    }


def _path_id(name: str, description: str) -> dict[str, Any]:
    """An id in a path."""
    return {"name": name, "in": "path", "required": True, "schema": _ID, "description": description}


def _form(
    summary: str, fields: dict[str, Any], required: tuple[str, ...], answer: Models, **more: Any
) -> dict[str, Any]:
    """A POST of a form that holds a file."""
    schema = {"type": "object", "properties": fields, "required": list(required)} | more
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}},
        "responses": {"200": {"description": "Done.", "content": json_content(answer)}} | errors(),
    }


def _of_list() -> list[dict[str, Any]]:
    return [
        _query("purpose", {"type": "string", "enum": [*Purpose, *sorted(NOT_OURS)]}, "Only files for this."),
        _query("order", {"type": "string", "enum": ["asc", "desc"]}, "By the time at which they were made."),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX}, "How many at the most."),
        _query("after", {"type": "string"}, "The id of the file that the list goes on after."),
    ]


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _file_form() -> dict[str, Any]:
    return {
        "file": {"type": "string", "format": "binary"},
        "purpose": {"type": "string", "enum": list(UPLOADED)},
        "expires_after[anchor]": {"type": "string", "enum": ["created_at"]},
        "expires_after[seconds]": {"type": "integer", "minimum": EXPIRES_AFTER_MIN_S, "maximum": EXPIRES_AFTER_MAX_S},
    }


def _content() -> dict[str, Any]:
    described = get("The bytes of a file", _BYTES)
    asked = {
        "name": "range",
        "in": "header",
        "schema": {"type": "string"},
        "description": "One range of bytes, such as bytes=0-999; for anything else the whole is sent.",
    }
    partial = {"206": {"description": "The range that was asked for.", "content": _BYTES}}
    had = {"304": {"description": "If-None-Match names the file's ETag: it is had already."}}
    none = {
        "416": {"description": "None of the bytes of the range is there."} | {"content": errors()["400"]["content"]}
    }
    described["responses"] |= partial | had | none
    return described | {"parameters": [asked]}
