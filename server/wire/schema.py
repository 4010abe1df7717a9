"""JSON schemas for clients that do not follow `$ref`."""

import functools
from typing import Any

from pydantic import BaseModel

REF_PREFIX = "#/$defs/"


@functools.cache  # making all schemas of the tools takes longer than the rest of making an application
def flat_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of `model` with every reference replaced by what it refers to. Models here never nest in
    themselves, so this ends. Made once for each model: not for changing."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})
    flat: dict[str, Any] = _inline(schema, definitions)
    flat.pop("description", None)  # the class's docstring: it speaks to readers of the code
    return flat


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    merged = dict(definitions[node["$ref"].removeprefix(REF_PREFIX)]) if "$ref" in node else {}
    merged |= {key: value for key, value in node.items() if key != "$ref"}
    return {key: _inline(value, definitions) for key, value in merged.items()}
