"""`/`: what this is. `/health`: the process answers. `/ready`: a verification would work. `/metrics`: Prometheus."""

import asyncio

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from inference.engine.engines import Engines
from inference.errors import TouchstoneError
from server.errors import JSON, response_of
from server.house import House
from server.version import VERSION

ENGINES_WAIT_S = 2.0
"""For the engines to be asked, so that one that hangs does not look like a server that is not ready."""


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
    body = {
        "status": "ready",
        "judge": house.verifier.judge.name,
        "sources": sources,
        "engines": await _engines(house.engines),
    }
    return Response(orjson.dumps(body), media_type=JSON)


async def _engines(engines: Engines) -> list[dict[str, str]]:
    """How each engine is. One that does not answer does not make the server unready: it judges without it, or else the
    judge has said so."""
    try:
        failures = await asyncio.wait_for(engines.failures(), ENGINES_WAIT_S)
    except TimeoutError:
        return [{"name": engine.name, "status": "no answer yet"} for engine in engines.all]
    return [_engine(engine.name, failures.get(engine.name)) for engine in engines.all]


def _engine(name: str, failure: str | None) -> dict[str, str]:
    if failure is None:
        return {"name": name, "status": "ready"}
    return {"name": name, "status": "unavailable", "message": failure}


async def metrics(request: Request) -> Response:
    house: House = request.app.state.house
    return Response(generate_latest(house.metrics.registry), media_type=CONTENT_TYPE_LATEST)
