"""From a caller's JSON object to a checked model, with errors that name the field, the value's kind and the mend."""

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from inference.errors import BadInput

NEAR_MISS = 0.85  # similarity from which an unknown field is taken for a misspelt one ("contxt" for "context")

FIELD_CHARS_MAX = 100
"""Of an unknown field, that an error repeats."""

DOCUMENT_FIELDS = ("context", "document", "documentContent")
"""What the parts of the API call the text that alone counts as evidence. Each knows one of the names or none."""

ModelT = TypeVar("ModelT", bound=BaseModel)


def validated(value: Mapping[str, Any], model: type[ModelT]) -> ModelT:
    """`value` as `model`.

    Raises BadInput for a wrong type, a missing field, and an unknown field that looks like a misspelt one: silently
    dropping "contxt" would check the answer against the wrong evidence, and so would dropping the name that another
    part of the API has for it. Other unknown fields are ignored, since
    OpenAI's clients send many; but for a model that forbids them.
    """
    _refuse_misspelt(value, model)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _bad_field(error, model) from None


def stray_document(value: Mapping[str, Any]) -> str | None:
    """Under which name `value` holds a document, where none is taken; None if it holds none. To drop it would be to
    check the answer against other evidence."""
    return next((name for name in DOCUMENT_FIELDS if value.get(name) not in (None, "")), None)


def _bad_field(error: ValidationError, model: type[BaseModel]) -> BadInput:
    first = error.errors(include_url=False)[0]
    param = ".".join(str(part) for part in first["loc"] if not _is_union_branch(part))
    if first["type"] == "missing":
        return BadInput(f"{param} is required", param)
    if first["type"] == "extra_forbidden":
        there = ", ".join(_fields_at(model, first["loc"]))
        return BadInput(
            f"{param[:FIELD_CHARS_MAX]}: there is no such field; there are {there}", param[:FIELD_CHARS_MAX]
        )
    return BadInput(f"{param}: {first['msg'][0].lower()}{first['msg'][1:]}{_got(first['type'], first['input'])}", param)


def _got(kind: str, value: object) -> str:
    """What came instead: its kind where that is wrong, else itself where it is a number or one of a few words."""
    if isinstance(value, bool) or kind.endswith("_type"):
        return f" (got a JSON {json_type(value)})"
    if isinstance(value, int | float):
        return f" (got {value})"
    if isinstance(value, str) and kind == "literal_error":
        return f" (got {value[:FIELD_CHARS_MAX]!r})"
    return "" if isinstance(value, str | list) else f" (got a JSON {json_type(value)})"


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The fields of the object, inside of `model`, in which the last of `loc` stands."""
    for part in loc[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            inner = model.model_fields[part].annotation
            for kind in (inner, *get_args(inner)):
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    model = kind
    return list(model.model_fields)


def _is_union_branch(part: int | str) -> bool:
    """Pydantic puts the tried branch of a union into the location ("str", "list[...]"); a caller knows only fields."""
    return isinstance(part, str) and (part in {"str", "bool", "int", "float", "none"} or "[" in part)


def _refuse_misspelt(value: Mapping[str, Any], model: type[BaseModel]) -> None:
    known = list(model.model_fields)
    document = next((name for name in DOCUMENT_FIELDS if name in known), None)
    for name in value:
        if name not in known and name in DOCUMENT_FIELDS and document is not None:
            raise BadInput(f"there is no field {name!r}; did you mean {document!r}?", name)
        if name not in known and (near := difflib.get_close_matches(name, known, 1, NEAR_MISS)):
            raise BadInput(f"there is no field {name!r}; did you mean {near[0]!r}?", name)
        if name not in known and model.model_config.get("extra") == "forbid":
            raise BadInput(f"there is no field {name[:FIELD_CHARS_MAX]!r}; there are {', '.join(known)}", name)


def json_type(value: object) -> str:
    """What JSON calls the type of `value`."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")
