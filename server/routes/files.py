"""`/v1/files`: keep a file, list them, look at one, read it, delete it. OpenAI's shapes."""

from urllib.parse import quote

import orjson
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from inference.files.file import File, Purpose
from server.accounts.visit import owner_of
from server.errors import JSON, RangeNotSatisfiable, response_of
from server.house import House
from server.http.conditions import is_had
from server.http.download import Download
from server.http.file_form import FileForm
from server.http.ranges import ByteRange, wanted_range
from server.wire.files import file_json, file_list_json
from server.wire.paging import after_of, limit_of, newest_first_of, one_of_query
from tools.files import PAGE_MAX, Files

_JSON_LINES = frozenset({Purpose.BATCH, Purpose.BATCH_OUTPUT, Purpose.FINE_TUNE, Purpose.FINE_TUNE_RESULTS})
"""Files for these hold an object a line; what others hold is not known."""


class FilesEndpoint(HTTPEndpoint):
    """`/v1/files`."""

    async def get(self, request: Request) -> Response:
        page = await _files(request).page(
            owner_of(request.scope),
            purpose=one_of_query(request, "purpose"),
            after=after_of(request),
            limit=limit_of(request, PAGE_MAX, PAGE_MAX),
            newest_first=newest_first_of(request),
        )
        return Response(orjson.dumps(file_list_json(page)), media_type=JSON)

    async def post(self, request: Request) -> Response:
        files = _files(request)
        form = FileForm(files)
        try:
            await form.read(request)
            file, part = form.file(owner_of(request.scope))
        except BaseException:
            if form.part is not None:
                await files.give_up(form.part)
            raise
        await files.add(file, part)
        return Response(orjson.dumps(file_json(file)), media_type=JSON)


class FileEndpoint(HTTPEndpoint):
    """`/v1/files/{file_id}`."""

    async def get(self, request: Request) -> Response:
        file = await _files(request).get(owner_of(request.scope), request.path_params["file_id"])
        return Response(orjson.dumps(file_json(file)), media_type=JSON)

    async def delete(self, request: Request) -> Response:
        file_id = request.path_params["file_id"]
        await _files(request).delete(owner_of(request.scope), file_id)
        return Response(orjson.dumps({"id": file_id, "object": "file", "deleted": True}), media_type=JSON)


async def file_content(request: Request) -> Response:
    """`GET /v1/files/{file_id}/content`: the whole, the range that is asked for, or nothing to who has it."""
    files = _files(request)
    file, parts = await files.parts(owner_of(request.scope), request.path_params["file_id"])
    headers = _headers(file)
    if is_had(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers={"etag": headers["etag"]})
    try:
        wanted = wanted_range(_range_header(request, headers["etag"]), file.bytes)
    except RangeNotSatisfiable as error:
        return response_of(error, {"content-range": f"bytes */{file.bytes}", "accept-ranges": "bytes"})
    if wanted is None:
        status, wanted = 200, ByteRange(0, file.bytes)
    else:
        status = 206
        headers["content-range"] = f"bytes {wanted.start}-{wanted.end - 1}/{file.bytes}"
    headers["content-length"] = str(wanted.end - wanted.start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    chunks = files.content(parts, wanted.start, wanted.end)
    first = await anext(chunks, b"")  # before the status goes out: here the blobs may be out of reach
    return Download(first, chunks, status, headers)


def _headers(file: File) -> dict[str, str]:
    kept = file.filename.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_")
    return {
        "content-type": "application/jsonl" if file.purpose in _JSON_LINES else "application/octet-stream",
        "content-disposition": f"attachment; filename=\"{kept}\"; filename*=UTF-8''{quote(file.filename, safe='')}",
        "accept-ranges": "bytes",
        "etag": f'"{file.id}"',  # a file never changes
    }


def _range_header(request: Request, etag: str) -> str:
    """What is asked for; nothing where the client has a part of something else (RFC 9110, 13.1.5)."""
    asked = request.headers.get("range", "")
    return asked if request.headers.get("if-range", etag) == etag else ""


def _files(request: Request) -> Files:
    house: House = request.app.state.house
    return house.files
