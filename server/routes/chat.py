"""`POST /v1/chat/completions`: who answers it. A verification model is ours; every other model is an engine's.

`POST /v1/completions`, the older form, goes to the engine too: nothing of ours answers it.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from inference.errors import BadInput, ModelNotFound
from server.body import read_object
from server.house import House
from server.pass_through import engine_for, pass_through
from server.validation import json_type
from server.verified_chat import OUR_FIELDS, verified_chat
from server.verify_completion import verify_completion
from server.wire import VERIFY_MODELS
from tools.embed import MODEL as EMBEDDING_MODEL


async def chat_completions(request: Request) -> Response:
    body, value = await read_object(request)
    model = model_of(value)
    if model in VERIFY_MODELS:
        return await verify_completion(request, value)
    if model == EMBEDDING_MODEL:
        raise ModelNotFound(f"The model {model!r} makes embeddings and does not chat: ask /v1/embeddings.", "model")
    house: House = request.app.state.house
    engine = await engine_for(house, model)
    if not OUR_FIELDS.isdisjoint(value):
        return verified_chat(request, engine, value)
    return pass_through(request, engine, "chat/completions", body)


async def completions(request: Request) -> Response:
    body, value = await read_object(request)
    house: House = request.app.state.house
    return pass_through(request, await engine_for(house, model_of(value)), "completions", body)


def model_of(value: dict[str, Any]) -> str:
    """The name of the model asked for. Raises BadInput if there is none."""
    model = value.get("model")
    if not isinstance(model, str):
        if "model" not in value:
            raise BadInput("model is required", "model")
        raise BadInput(f"model: input should be a valid string (got a JSON {json_type(model)})", "model")
    return model
