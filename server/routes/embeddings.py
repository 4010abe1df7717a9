"""`POST /v1/embeddings`: texts to embeddings, with the encoder that ships or with an engine's model."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from inference.encoder.embedder import DIMENSIONS
from inference.errors import BadInput, ModelNotFound
from server.body import read_object
from server.disconnect import unless_client_leaves
from server.embeddings_wire import EmbeddingsRequest, embeddings_json
from server.errors import JSON
from server.house import House
from server.pass_through import engine_for, pass_through
from server.routes.chat import model_of
from server.validation import validated
from server.wire import VERIFY_MODELS
from tools.embed import MODEL


async def embeddings(request: Request) -> Response:
    house: House = request.app.state.house
    body, value = await read_object(request)
    model = model_of(value)
    if model in VERIFY_MODELS:
        raise ModelNotFound(f"The model {model!r} verifies and makes no embeddings; {MODEL} does.", "model")
    if model != MODEL:
        return pass_through(request, await engine_for(house, model), "embeddings", body)
    asked = validated(value, EmbeddingsRequest)
    if asked.dimensions not in (None, DIMENSIONS):
        raise BadInput(
            f"dimensions is {asked.dimensions}; {MODEL} has {DIMENSIONS}, and they cannot be cut", "dimensions"
        )
    embedded = await unless_client_leaves(request, house.embedding.embed(asked.input, "input"))
    answer = embeddings_json(embedded, asked.encoding_format)
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type=JSON)
