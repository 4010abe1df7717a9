"""`/`: what this is. `/health`: the process answers. `/ready`: a verification would work. `/metrics`: Prometheus."""

import asyncio

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import TouchstoneError
from server.errors import JSON, response_of
from server.house import House
from server.version import VERSION


async def root(request: Request) -> Response:
    body = {
        "name": "touchstone",
        "version": VERSION,
        "verify": "/v1/verify/reliability",
        "mcp": ["/v1/mcp", "/stream"],
        "openapi": "/openapi.json",
    }
    return Response(orjson.dumps(body), media_type=JSON)


async def health(request: Request) -> Response:
    return Response(orjson.dumps({"status": "ok", "version": VERSION}), media_type=JSON)


async def ready(request: Request) -> Response:
    house: House = request.app.state.house
    try:
        await house.verifier.judge.check()
        await asyncio.to_thread(house.embedding.embedder.open)
        await house.corpus.search("ready", 1)  # raises if the corpus file is broken
    except TouchstoneError as error:
        return response_of(error)
    sources = [retriever.name for retriever in house.verifier.retrievers]
    body = {"status": "ready", "judge": house.verifier.judge.name, "sources": sources}
    return Response(orjson.dumps(body), media_type=JSON)


async def metrics(request: Request) -> Response:
    house: House = request.app.state.house
    return Response(generate_latest(house.metrics.registry), media_type=CONTENT_TYPE_LATEST)
