"""The bare route beside a scan of a batch's input file, over and over, in a thread or in a process or not at all.

`python -m benchmarks.servers.scanning_route PORT FOLDER BYTES MODE`: FOLDER is one of blobs, the file in it `input`.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.servers.serving import serve
from inference.batches.batch import Batch, Endpoint, Status
from inference.batches.input import scan
from inference.batches.input.line_scan import ScanLimits
from inference.blobs.folder import FolderBlobs
from inference.files.file import Part

ANSWER = b'{"status":"ok"}'
BATCH = Batch("batch_1", "benchmark", Status.VALIDATING, Endpoint.CHAT, "24h", "file-1", 0, 1)


async def scan_once(folder: Path, size: int, mode: str) -> scan.Scanned:
    """Scans the file `input` of so many bytes in the blobs at `folder`."""
    if mode == "thread":
        scan.THREAD_BYTES_MAX = sys.maxsize
    return await scan.scan(FolderBlobs(folder), [Part("input", size)], BATCH, ScanLimits())


def main(port: int, folder: Path, size: int, mode: str) -> None:
    async def over_and_over() -> None:
        while True:
            await scan_once(folder, size, mode)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        scanning = asyncio.create_task(over_and_over()) if mode != "none" else None
        yield
        if scanning is not None:
            scanning.cancel()
            await asyncio.wait({scanning})

    async def fixed(request: Request) -> Response:
        await request.body()
        return Response(ANSWER, media_type="application/json")

    async def ready(request: Request) -> Response:
        return Response()

    routes = [Route("/answer", fixed, methods=["POST"]), Route("/ready", ready)]
    serve(Starlette(routes=routes, lifespan=lifespan), port)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
