"""Makes the input of a batch: lines out of what a caller wants verified, and the file that holds them."""

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from inference.batches.batch import Endpoint
from inference.blobs.blobs import Blobs
from inference.errors import BadInput
from inference.files.blob_intake import take_in
from inference.files.file import File, Purpose
from inference.files.file_records import FileRecords
from inference.files.ids import new_id


def verify_line(custom_id: str, prompt: str, response: str, document: str | None = None) -> bytes:
    """The line that has `response` verified, with its line break; against `document` alone if there is one."""
    body = {"prompt": prompt, "output": response} | ({"context": document} if document else {})
    return request_line(custom_id, "POST", Endpoint.VERIFY, body)


def request_line(custom_id: str, method: str, url: str, body: Mapping[str, Any]) -> bytes:
    """A line of an input file, with its line break. Raises BadInput for a body that JSON here cannot hold."""
    line = {"custom_id": custom_id, "method": method, "url": url, "body": body}
    try:
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError as error:  # a number of more than 64 bits, or hundreds of levels
        raise BadInput(f"body: {error}", "body") from None


async def keep_input(
    files: FileRecords,
    blobs: Blobs,
    owner: str,
    filename: str,
    chunks: AsyncIterator[bytes],
    expires_after_s: int | None = None,
) -> File:
    """Keeps what `chunks` give as a file of the owner's that a batch may be made of.

    Raises StoreUnavailable, BlobsUnavailable, and what `chunks` raise; then nothing is left of it.
    """
    file_id = new_id("file-")
    part = await take_in(files, blobs, f"files/{file_id}", chunks)
    now = int(time.time())
    expires_at = None if expires_after_s is None else now + expires_after_s
    file = File(file_id, owner, filename, Purpose.BATCH, part.bytes, now, expires_at)
    await files.add(file, [part])
    return file
