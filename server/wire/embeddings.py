"""The shapes of `POST /v1/embeddings`: OpenAI's, as far as one model that reads text has a use for them."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from inference.encoder.embedder import DIMENSIONS, TEXTS_MAX, TOKENS_MAX
from server.wire.whole_number import WholeNumber
from tools.embed import MODEL, Embedded

if TYPE_CHECKING:
    from inference.encoder.embedder import Embeddings

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": TEXTS_MAX}


def _texts(value: object) -> list[str]:
    """The texts of `input`. OpenAI's lists of token ids are refused in words: the ids are those of its own models."""
    items: list[object] = value if isinstance(value, list) else [value]
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) == len(items):
        return texts
    if any(isinstance(item, int | list) and not isinstance(item, bool) for item in items):
        raise PydanticCustomError("token_ids", "this model takes text only; token ids are those of another model")
    raise PydanticCustomError("no_text", "input should be a string or a list of strings")


class EmbeddingsRequest(BaseModel):
    """Body of `POST /v1/embeddings`."""

    input: Annotated[
        list[str],
        PlainValidator(_texts),
        WithJsonSchema({"anyOf": [_TEXT, _TEXTS]}),
        Field(description=f"The text, or up to {TEXTS_MAX:,} texts, of at most {TOKENS_MAX} tokens each."),
    ]
    model: Annotated[StrictStr, Field(json_schema_extra={"enum": [MODEL]})]
    encoding_format: Annotated[
        Literal["float", "base64"] | None,
        Field(description="Lists of numbers, or 32-bit floats, little-endian, in base64."),
    ] = "float"
    dimensions: Annotated[
        WholeNumber | None,
        Field(description=f"{DIMENSIONS}, or leave it out.", json_schema_extra={"enum": [DIMENSIONS, None]}),
    ] = None


class EmbeddingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    object: Literal["embedding"]
    index: Annotated[int, Field(ge=0)]
    embedding: Annotated[list[float] | str, Field(description="Of length 1. A text if base64 was asked for.")]


class EmbeddingsUsage(BaseModel):
    model_config = ConfigDict(extra="forbid")
    prompt_tokens: Annotated[int, Field(ge=0)]
    total_tokens: Annotated[int, Field(ge=0)]


class EmbeddingsBody(BaseModel):
    """OpenAI's list of embeddings, in the order of the texts."""

    model_config = ConfigDict(extra="forbid")
    object: Literal["list"]
    data: list[EmbeddingBody]
    model: str
    usage: EmbeddingsUsage


def embeddings_json(embedded: Embedded, encoding_format: str | None) -> dict[str, Any]:
    """`EmbeddingsBody` as values that orjson writes, numpy's rows among them."""
    return {
        "object": "list",
        "data": _data(embedded.rows, as_base64=encoding_format == "base64"),
        "model": MODEL,
        "usage": {"prompt_tokens": embedded.tokens, "total_tokens": embedded.tokens},
    }


def _data(rows: "Sequence[Embeddings]", *, as_base64: bool) -> list[dict[str, Any]]:
    return [
        {"object": "embedding", "index": number, "embedding": _base64(row) if as_base64 else row}
        for number, row in enumerate(rows)
    ]


def _base64(row: "Embeddings") -> str:
    return base64.b64encode(row.astype("<f4").tobytes()).decode()
