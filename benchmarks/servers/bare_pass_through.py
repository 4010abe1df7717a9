"""A bare pass-through: the least that Starlette and aiohttp make of it, as a person would write it in ten minutes.

`python -m benchmarks.servers.bare_pass_through PORT UPSTREAM [h11]`. No keys, no figures, no log, no bound; an
error of the engine is a 500. Served as Touchstone is, or with "h11" by uvicorn as it comes alone, without access log.
"""

import contextlib
import sys
from collections.abc import AsyncIterator

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from benchmarks.servers.serving import serve

PATH = "/v1/chat/completions"


def main(port: int, upstream: str, parser: str = "httptools") -> None:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            app.state.session = session
            yield

    async def chat(request: Request) -> Response:
        session: aiohttp.ClientSession = request.app.state.session
        body = await request.body()
        answer = await session.post(upstream + PATH, data=body, headers={"content-type": "application/json"})
        if answer.content_type == "text/event-stream":
            return StreamingResponse(chunks(answer), media_type=answer.content_type)
        async with answer:
            return Response(await answer.read(), answer.status, media_type=answer.content_type)

    async def chunks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        async with answer:
            async for chunk in answer.content.iter_any():
                yield chunk

    async def ready(request: Request) -> Response:
        return Response()

    routes = [Route(PATH, chat, methods=["POST"]), Route("/ready", ready)]
    serve(Starlette(routes=routes, lifespan=lifespan), port, parser)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
