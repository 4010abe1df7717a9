"""`/openapi.json`: the REST surface as OpenAPI 3.1, from the models that check and shape it. MCP has its own."""

from functools import lru_cache
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictStr
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from server.batches_wire import BatchBody, BatchListBody, BatchRequest
from server.embeddings_wire import EmbeddingsBody, EmbeddingsRequest
from server.errors import JSON
from server.house import House
from server.routes.models import MODELS
from server.verified_chat import VerifyFields
from server.version import VERSION
from server.wire import VERIFY_MODEL, ChatRequest, VerificationBody, VerifyRequest
from tools.batches import PAGE_DEFAULT, PAGE_MAX
from tools.embed import MODEL as EMBEDDING_MODEL

REF = "#/components/schemas/{model}"
ERRORS = {
    "400": "The request is wrong; the message says what and how to mend it.",
    "401": "The key is missing or wrong.",
    "403": "The web origin may not call.",
    "404": "No such model, file or batch.",
    "422": "The engine cannot use the request.",
    "429": "The engine has had too many requests.",
    "408": "The body did not arrive in time.",
    "413": "The body or a text in it is too large.",
    "421": "The host name is not allowed.",
    "499": "The client left.",
    "500": "Something went wrong inside the server.",
    "502": "The judge or the engine gave no usable answer.",
    "503": "Overloaded, or no judge, engine, encoder or evidence; retry-after says when to try again.",
    "504": "The work took too long.",
}


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

BATCH_EXAMPLE = {
    "input_file_id": "file-123",
    "endpoint": "/v1/verify/reliability",
    "completion_window": "24h",
    "metadata": {"data_set": "answers of May"},
}


class ErrorDetail(BaseModel):
    model_config = ConfigDict(extra="forbid")
    message: str
    type: str
    param: str | None
    code: str


class ErrorBody(BaseModel):
    """OpenAI's error object."""

    model_config = ConfigDict(extra="forbid")
    error: ErrorDetail


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
    BatchRequest,
    BatchBody,
    BatchListBody,
    StatusBody,
    ErrorBody,
)


async def openapi(request: Request) -> Response:
    house: House = request.app.state.house
    return Response(orjson.dumps(description(bool(house.settings.api_keys))), media_type=JSON)


@lru_cache(maxsize=2)
def description(keys_needed: bool = False) -> dict[str, Any]:
    """The whole description, of a server with keys or of one without."""
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
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
        "security": [{"bearer": []}, {"key": []}] if keys_needed else [],
    }


_BATCH_ID = {"name": "batch_id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
_PAGE = [
    {
        "name": "limit",
        "in": "query",
        "description": "How many at the most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT},
    },
    {
        "name": "after",
        "in": "query",
        "description": "The id that the list goes on after: the last_id of the page before.",
        "schema": {"type": "string"},
    },
]


def _paths() -> dict[str, Any]:
    name = {"type": "string", "minLength": 1, "examples": list(MODELS), "description": "Or a model of an engine."}
    model = {"name": "model", "in": "path", "required": True, "schema": name}
    for_all: dict[str, Any] = {"security": []}
    return {
        "/v1/verify/reliability": {
            "post": _post("Verify an answer", VerifyRequest, VerificationBody, VerifyEvent, VERIFY_EXAMPLE)
        },
        "/v1/chat/completions": {
            "post": _post(
                "Verify the last answer of a conversation, or ask an engine's model",
                (ChatRequest, EngineChatBody),
                (CompletionBody, EngineAnswerBody),
                ChunkEvent,
                CHAT_EXAMPLE,
            )
        },
        "/v1/completions": {
            "post": _post("Ask an engine's model", EngineRequestBody, EngineAnswerBody, ChunkEvent, COMPLETIONS_EXAMPLE)
        },
        "/v1/embeddings": {
            "post": _post(
                "Embed texts",
                (EmbeddingsRequest, EngineRequestBody),
                (EmbeddingsBody, EngineAnswerBody),
                None,
                EMBEDDINGS_EXAMPLE,
            )
        },
        "/v1/batches": {
            "get": _get("List your batches, the newest first", _json(BatchListBody)) | {"parameters": _PAGE},
            "post": _post("Have a file of requests answered", BatchRequest, BatchBody, None, BATCH_EXAMPLE),
        },
        "/v1/batches/{batch_id}": {
            "get": _get("One batch as it is now", _json(BatchBody)) | {"parameters": [_BATCH_ID]}
        },
        "/v1/batches/{batch_id}/cancel": {
            "post": _get("Cancel a batch; what was answered is kept", _json(BatchBody)) | {"parameters": [_BATCH_ID]}
        },
        "/v1/models": {"get": _get("List the models", _json(ModelListBody))},
        "/v1/models/{model}": {"get": _get("One model", _json(ModelBody)) | {"parameters": [model]}},
        "/health": {"get": _get("Whether the process answers", _json(StatusBody)) | for_all},
        "/ready": {"get": _get("Whether a verification would work now", _json(StatusBody)) | for_all},
        "/metrics": {"get": _get("Prometheus figures", {"text/plain": {"schema": {"type": "string"}}})},
    }


Models = type[BaseModel] | tuple[type[BaseModel], ...]


def _post(
    summary: str, body: Models, answer: Models, event: type[BaseModel] | None, example: dict[str, Any]
) -> dict[str, Any]:
    # OpenAPI before 3.2 has no word for the items of a stream: its readers take the schema for that of one event.
    events = {"text/event-stream": _json(event)[JSON]} if event else {}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {JSON: _json(body)[JSON] | {"example": example}}},
        "responses": {"200": {"description": "Done.", "content": _json(answer) | events}} | _errors(),
    }


def _get(summary: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": {"description": "Done.", "content": content}} | _errors()}


def _errors() -> dict[str, Any]:
    return {status: {"description": text, "content": _json(ErrorBody)} for status, text in ERRORS.items()}


def _json(models: Models) -> dict[str, Any]:
    """One model, or any of several."""
    refs = [{"$ref": REF.format(model=m.__name__)} for m in (models if isinstance(models, tuple) else (models,))]
    return {JSON: {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}}
