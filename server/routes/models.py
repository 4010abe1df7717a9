"""`GET /v1/models` and `GET /v1/models/{id}`, OpenAI's shapes: our own models, then those of the engines.

An engine's model is described in the engine's own words. One whose engine does not answer is missing."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import EngineUnavailable
from server.answers.pass_through import engine_for
from server.errors import JSON
from server.house import House
from server.wire.verification import VERIFY_MODELS
from tools.embed import MODEL as EMBEDDING_MODEL

MODELS = (*VERIFY_MODELS, EMBEDDING_MODEL)

CREATED = 1_767_225_600  # 2026-01-01: models have no birthday here, and clients expect a stable number


async def list_models(request: Request) -> Response:
    house: House = request.app.state.house
    models = [*map(_model, MODELS), *await _of_engines(house)]
    body = {
        "object": "list",
        "data": models,
        "has_more": False,
        "first_id": models[0]["id"],
        "last_id": models[-1]["id"],
    }
    return Response(orjson.dumps(body), media_type=JSON)


async def get_model(request: Request) -> Response:
    name: str = request.path_params["model"]
    house: House = request.app.state.house
    if name in MODELS:
        return Response(orjson.dumps(_model(name)), media_type=JSON)
    await engine_for(house, name)  # asks the engines anew if it is not on the list, and says why if it is nowhere
    for model in await _of_engines(house):
        if model["id"] == name:
            return Response(orjson.dumps(model), media_type=JSON)
    raise EngineUnavailable(f"the engine that served {name!r} a moment ago gives no list of its models now")


async def _of_engines(house: House) -> list[dict[str, Any]]:
    """Their models but for any that bears the name of one of ours, with the fields that OpenAI's always have."""
    defaults = {"object": "model", "created": CREATED, "owned_by": "engine"}
    return [defaults | model for model in await house.engines.models() if model["id"] not in MODELS]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "touchstone"}
