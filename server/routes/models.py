"""`GET /v1/models` and `GET /v1/models/{id}`, OpenAI's shapes."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import ModelNotFound
from server.errors import JSON
from server.wire import VERIFY_MODELS
from tools.embed import MODEL as EMBEDDING_MODEL

MODELS = (*VERIFY_MODELS, EMBEDDING_MODEL)

CREATED = 1_767_225_600  # 2026-01-01: models have no birthday here, and clients expect a stable number


async def list_models(request: Request) -> Response:
    models = [_model(name) for name in MODELS]
    body = {
        "object": "list",
        "data": models,
        "has_more": False,
        "first_id": models[0]["id"],
        "last_id": models[-1]["id"],
    }
    return Response(orjson.dumps(body), media_type=JSON)


async def get_model(request: Request) -> Response:
    model = request.path_params["model"]
    if model not in MODELS:
        raise ModelNotFound(f"The model {model!r} does not exist here. Models: {', '.join(MODELS)}.", "model")
    return Response(orjson.dumps(_model(model)), media_type=JSON)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "touchstone"}
