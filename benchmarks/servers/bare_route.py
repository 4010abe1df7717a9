"""A bare Starlette route: reads the body, answers fixed bytes. `python -m benchmarks.servers.bare_route PORT FILE`."""

import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.servers.serving import serve


def main(port: int, answer: bytes) -> None:
    async def fixed(request: Request) -> Response:
        await request.body()
        return Response(answer, media_type="application/json")

    async def ready(request: Request) -> Response:
        return Response()

    serve(Starlette(routes=[Route("/answer", fixed, methods=["POST"]), Route("/ready", ready)]), port)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes())
