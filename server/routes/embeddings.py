"""`POST /v1/embeddings`: texts to embeddings, with the encoder that ships. OpenAI's shapes."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from inference.encoder.embedder import DIMENSIONS
from inference.errors import BadInput, ModelNotFound
from server.body import read_json
from server.disconnect import unless_client_leaves
from server.embeddings_wire import EmbeddingsRequest, embeddings_json
from server.errors import JSON
from server.house import House
from tools.embed import MODEL


async def embeddings(request: Request) -> Response:
    house: House = request.app.state.house
    asked = await read_json(request, EmbeddingsRequest)
    if asked.model != MODEL:
        raise ModelNotFound(
            f"The model {asked.model!r} makes no embeddings here; {MODEL} does. Other models need an engine, an "
            "OpenAI-compatible server, and this version cannot pass requests on to one yet.",
            "model",
        )
    if asked.dimensions not in (None, DIMENSIONS):
        raise BadInput(
            f"dimensions is {asked.dimensions}; {MODEL} has {DIMENSIONS}, and they cannot be cut", "dimensions"
        )
    embedded = await unless_client_leaves(request, house.embedding.embed(asked.input, "input"))
    body = embeddings_json(embedded, asked.encoding_format)
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), media_type=JSON)
