"""`/v1/uploads`: begin an upload, send its parts, complete or cancel it. OpenAI's shapes."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import BadInput
from inference.files.upload import UploadPart
from server.accounts.visit import owner_of
from server.errors import JSON
from server.house import House
from server.http.body import read_json
from server.http.disconnect import unless_client_leaves
from server.http.multipart import Form
from server.wire.uploads import CompleteRequest, UploadRequest, part_json, upload_json
from tools.uploads import Uploads


async def create_upload(request: Request) -> Response:
    asked = await read_json(request, UploadRequest)
    upload = await _uploads(request).begin(
        owner_of(request.scope),
        filename=asked.filename,
        purpose=asked.purpose,
        size=asked.bytes,
        mime_type=asked.mime_type,
        expires_after_s=asked.expires_after.seconds if asked.expires_after else None,
    )
    return Response(orjson.dumps(upload_json(upload)), media_type=JSON)


async def add_upload_part(request: Request) -> Response:
    uploads, owner, upload_id = _uploads(request), owner_of(request.scope), _id(request)
    await uploads.check_pending(owner, upload_id)
    part = await _read_part(request, uploads, upload_id)
    await uploads.add_part(owner, part)
    return Response(orjson.dumps(part_json(part)), media_type=JSON)


async def complete_upload(request: Request) -> Response:
    asked = await read_json(request, CompleteRequest)
    # Nobody waits for a digest of gigabytes that a client has turned its back on.
    upload, file = await unless_client_leaves(
        request, _uploads(request).complete(owner_of(request.scope), _id(request), asked.part_ids, asked.md5)
    )
    return Response(orjson.dumps(upload_json(upload, file)), media_type=JSON)


async def cancel_upload(request: Request) -> Response:
    upload = await _uploads(request).cancel(owner_of(request.scope), _id(request))
    return Response(orjson.dumps(upload_json(upload)), media_type=JSON)


async def _read_part(request: Request, uploads: Uploads, upload_id: str) -> UploadPart:
    """The bytes in the form's field `data`, taken in. Raises BadInput, TooLarge, BodyTimeout, ClientDisconnect and what
    the storage raises."""
    taken: UploadPart | None = None
    try:
        async for part in Form(request).parts():
            if part.name != "data" and part.filename is None:
                continue  # passed over, as unknown fields of JSON objects are
            if part.name != "data":
                raise BadInput(f"the bytes stand in the field {part.name[:100]!r}; send them in 'data'", "data")
            if taken is not None:
                raise BadInput("the form holds two parts; send one a request", "data")
            taken = await uploads.take_part(upload_id, part.pieces(uploads.part_bytes_max, uploads.over))
        if taken is None:
            raise BadInput("the form holds no part; send its bytes in the field 'data'", "data")
    except BaseException:
        if taken is not None:
            await uploads.give_up(taken)
        raise
    return taken


def _id(request: Request) -> str:
    return str(request.path_params["upload_id"])


def _uploads(request: Request) -> Uploads:
    house: House = request.app.state.house
    return house.uploads
