"""`/openapi.json`: the REST surface as OpenAPI 3.1, from the models that check and shape it. MCP has its own."""

from functools import lru_cache
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field, StrictStr
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from server.answers.verified_chat import VerifyFields
from server.errors import JSON
from server.house import House
from server.openapi.batches import BATCH_MODELS, batch_paths
from server.openapi.files import FILE_MODELS, file_paths
from server.openapi.keys import KEY_MODELS, key_paths, with_plans
from server.openapi.operations import REF, ErrorBody, get, json_content, post
from server.openapi.tokens import TOKEN_MODELS, token_paths
from server.openapi.usage import USAGE_MODELS, usage_paths
from server.routes.models import MODELS
from server.version import VERSION
from server.wire.embeddings import EmbeddingsBody, EmbeddingsRequest
from server.wire.verification import VERIFY_MODEL, ChatRequest, VerificationBody, VerifyRequest
from tools.embed import MODEL as EMBEDDING_MODEL

VERIFY_EXAMPLE = {
    "prompt": "When did the tower open?",
    "output": "The tower opened in 1889.",
    "context": "The tower was built by Eiffel. It opened in 1889.",
    "return_search_results": False,
}
CHAT_EXAMPLE = {
    "model": VERIFY_MODEL,
    "messages": [
        {"role": "user", "content": "Where is the Eiffel Tower?"},
        {"role": "assistant", "content": "The Eiffel Tower is in Rome."},
    ],
}
COMPLETIONS_EXAMPLE = {"model": "Qwen/Qwen3-8B", "prompt": "The tower opened in"}
EMBEDDINGS_EXAMPLE = {"model": EMBEDDING_MODEL, "input": ["The tower opened in 1889.", "It was first open in 1889."]}


class ModelBody(BaseModel):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelListBody(BaseModel):
    object: Literal["list"]
    data: list[ModelBody]
    has_more: bool
    first_id: str
    last_id: str


class CompletionMessage(BaseModel):
    role: Literal["assistant"]
    content: Annotated[str, Field(description="The verification as JSON.")]
    refusal: None


class CompletionChoice(BaseModel):
    index: Literal[0]
    message: CompletionMessage
    logprobs: None
    finish_reason: Literal["stop"]


class CompletionUsage(BaseModel):
    completion_tokens: int
    prompt_tokens: int
    total_tokens: int


class CompletionBody(BaseModel):
    """OpenAI's chat completion."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: CompletionUsage


_ENGINES_MODEL: dict[str, Any] = {"not": {"enum": list(MODELS)}}


class EngineRequestBody(BaseModel):
    """A request for a model of an engine. It goes to the engine as it is, so what else it may hold the engine says."""

    model: Annotated[StrictStr, Field(description="A model that /v1/models lists.", json_schema_extra=_ENGINES_MODEL)]


class EngineChatBody(EngineRequestBody, VerifyFields):
    """A chat completion of an engine's model: OpenAI's fields, and those that have its answer verified."""


class EngineAnswerBody(BaseModel):
    """What the engine answers, as it is; with `verify`, a member `verification` beside it."""


class VerifyEvent(BaseModel):
    """One event of a streamed verification: each claim, then the verdict or an error, then the data `[DONE]`.

    The data is JSON: of `step` a text that says what is done meanwhile, of `claim` a claim with its index and the
    total, of `verdict` what the plain answer is, of `error` the error object. The last event has no name, which stands
    for `message`.
    """

    event: Literal["step", "claim", "verdict", "error", "message"] = "message"
    data: str


class ChunkEvent(BaseModel):
    """One event of a streamed completion: a chunk as JSON, at last `[DONE]`."""

    data: str


class StatusBody(BaseModel):
    """A small JSON object that says how the server is."""


_MODELS = (
    VerifyRequest,
    VerificationBody,
    ChatRequest,
    CompletionBody,
    VerifyEvent,
    ChunkEvent,
    EmbeddingsRequest,
    EmbeddingsBody,
    ModelBody,
    ModelListBody,
    EngineRequestBody,
    EngineChatBody,
    EngineAnswerBody,
    StatusBody,
    ErrorBody,
    *FILE_MODELS,
    *BATCH_MODELS,
    *USAGE_MODELS,
    *KEY_MODELS,
    *TOKEN_MODELS,
)


async def openapi(request: Request) -> Response:
    house: House = request.app.state.house
    return Response(orjson.dumps(description(house.settings.needs_keys, house.accounts.plans.names)), media_type=JSON)


@lru_cache(maxsize=2)
def description(keys_needed: bool = False, plans: tuple[str, ...] = ()) -> dict[str, Any]:
    """The whole description, of a server with keys or of one without, that has these plans."""
    _, schemas = models_json_schema([(model, "validation") for model in _MODELS], ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Touchstone",
            "version": VERSION,
            "description": "Says whether a response of a language model can be trusted, and which evidence says so.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(),
        "components": {
            "schemas": with_plans(schemas["$defs"], plans),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
        "security": [{"bearer": []}, {"key": []}] if keys_needed else [],
    }


def _paths() -> dict[str, Any]:
    name = {"type": "string", "minLength": 1, "examples": list(MODELS), "description": "Or a model of an engine."}
    model = {"name": "model", "in": "path", "required": True, "schema": name}
    for_all: dict[str, Any] = {"security": []}
    return (
        file_paths()
        | batch_paths()
        | usage_paths()
        | key_paths()
        | token_paths()
        | {
            "/v1/verify/reliability": {
                "post": post("Verify an answer", VerifyRequest, VerificationBody, VerifyEvent, VERIFY_EXAMPLE)
            },
            "/v1/chat/completions": {
                "post": post(
                    "Verify the last answer of a conversation, or ask an engine's model",
                    (ChatRequest, EngineChatBody),
                    (CompletionBody, EngineAnswerBody),
                    ChunkEvent,
                    CHAT_EXAMPLE,
                )
            },
            "/v1/completions": {
                "post": post(
                    "Ask an engine's model", EngineRequestBody, EngineAnswerBody, ChunkEvent, COMPLETIONS_EXAMPLE
                )
            },
            "/v1/embeddings": {
                "post": post(
                    "Embed texts",
                    (EmbeddingsRequest, EngineRequestBody),
                    (EmbeddingsBody, EngineAnswerBody),
                    None,
                    EMBEDDINGS_EXAMPLE,
                )
            },
            "/v1/models": {"get": get("List the models", json_content(ModelListBody))},
            "/v1/models/{model}": {"get": get("One model", json_content(ModelBody)) | {"parameters": [model]}},
            "/health": {"get": get("Whether the process answers", json_content(StatusBody)) | for_all},
            "/ready": {"get": get("Whether a verification would work now", json_content(StatusBody)) | for_all},
            "/metrics": {"get": get("Prometheus figures", {"text/plain": {"schema": {"type": "string"}}})},
        }
    )
