"""`GET /v1/models` and `GET /v1/models/{id}`, OpenAI's shapes."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from server.errors import JSON
from server.routes.chat import refuse_other_model
from server.wire import VERIFY_MODELS

CREATED = 1_767_225_600  # 2026-01-01: models have no birthday here, and clients expect a stable number


async def list_models(request: Request) -> Response:
    models = [_model(name) for name in VERIFY_MODELS]
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
    refuse_other_model(model)
    return Response(orjson.dumps(_model(model)), media_type=JSON)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "touchstone"}
