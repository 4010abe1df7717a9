"""Embeddings by the encoder that ships: from the body of a request to the body of its answer."""

from collections.abc import Mapping
from typing import Any

import orjson

from inference.encoder.embedder import DIMENSIONS
from inference.errors import BadInput
from inference.usage.token_usage import TokenUsage
from server.answers.counted import Spend
from server.house import House
from server.wire.embeddings import EmbeddingsRequest, embeddings_json
from server.wire.validation import validated
from tools.embed import MODEL


async def own_embeddings(house: House, value: Mapping[str, Any], spend: Spend) -> bytes:
    """The answer to the body `value`, as JSON. Raises BadInput, and what `TextEmbedding.embed` raises."""
    asked = validated(value, EmbeddingsRequest)
    if asked.dimensions not in (None, DIMENSIONS):
        raise BadInput(
            f"dimensions is {asked.dimensions}; {MODEL} has {DIMENSIONS}, and they cannot be cut", "dimensions"
        )
    embedded = await house.embedding.embed(asked.input, "input")
    spend(MODEL, TokenUsage(input=embedded.tokens))
    return orjson.dumps(embeddings_json(embedded, asked.encoding_format), option=orjson.OPT_SERIALIZE_NUMPY)
