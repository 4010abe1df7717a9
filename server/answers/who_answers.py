"""Who answers a request that names a model: this server itself, or an engine. For endpoints and batches alike."""

from collections.abc import Mapping
from typing import Any

from inference.engine.engine import Engine
from inference.errors import BadInput, ModelNotFound
from server.answers.pass_through import engine_for
from server.house import House
from server.wire.validation import json_type
from server.wire.verification import VERIFY_MODELS
from tools.embed import MODEL as EMBEDDING_MODEL


async def engine_of_chat(house: House, value: Mapping[str, Any]) -> Engine | None:
    """The engine that is to answer the chat completion `value`; None if its model is a verification model of ours.

    Raises BadInput, ModelNotFound and EngineUnavailable.
    """
    model = model_of(value)
    if model in VERIFY_MODELS:
        return None
    if model == EMBEDDING_MODEL:
        raise ModelNotFound(f"The model {model!r} makes embeddings and does not chat: ask /v1/embeddings.", "model")
    return await engine_for(house, model)


async def engine_of_embeddings(house: House, value: Mapping[str, Any]) -> Engine | None:
    """The engine that is to embed the texts of `value`; None if the model is the encoder that ships.

    Raises BadInput, ModelNotFound and EngineUnavailable.
    """
    model = model_of(value)
    if model in VERIFY_MODELS:
        raise ModelNotFound(f"The model {model!r} verifies and makes no embeddings; {EMBEDDING_MODEL} does.", "model")
    return None if model == EMBEDDING_MODEL else await engine_for(house, model)


def model_of(value: Mapping[str, Any]) -> str:
    """The name of the model asked for. Raises BadInput if there is none."""
    model = value.get("model")
    if not isinstance(model, str):
        if "model" not in value:
            raise BadInput("model is required", "model")
        raise BadInput(f"model: input should be a valid string (got a JSON {json_type(model)})", "model")
    return model
