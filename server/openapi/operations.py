"""What operations are described with in `/openapi.json`: bodies, answers, errors."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from server.errors import JSON

REF = "#/components/schemas/{model}"
ERRORS = {
    "400": "The request is wrong; the message says what and how to mend it.",
    "401": "The key is missing or wrong.",
    "403": "The web origin may not call, or the key is not for this.",
    "404": "No such model, file or batch.",
    "422": "The engine cannot use the request.",
    "429": "The key, or the engine, has had too many requests; retry-after says when to try again.",
    "408": "The body did not arrive in time.",
    "413": "The body or a text in it is too large.",
    "421": "The host name is not allowed.",
    "499": "The client left.",
    "500": "Something went wrong inside the server.",
    "502": "The judge or the engine gave no usable answer.",
    "503": "Overloaded, or no judge, engine, encoder or evidence; retry-after says when to try again.",
    "504": "The work took too long.",
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


Models = type[BaseModel] | tuple[type[BaseModel], ...]


def post(
    summary: str, body: Models, answer: Models, event: type[BaseModel] | None, example: dict[str, Any]
) -> dict[str, Any]:
    # OpenAPI before 3.2 has no word for the items of a stream: its readers take the schema for that of one event.
    events = {"text/event-stream": json_content(event)[JSON]} if event else {}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {JSON: json_content(body)[JSON] | {"example": example}}},
        "responses": {"200": {"description": "Done.", "content": json_content(answer) | events}} | errors(),
    }


def get(summary: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": {"description": "Done.", "content": content}} | errors()}


def errors() -> dict[str, Any]:
    return {status: {"description": text, "content": json_content(ErrorBody)} for status, text in ERRORS.items()}


def json_content(models: Models) -> dict[str, Any]:
    """One model, or any of several."""
    refs = [{"$ref": REF.format(model=m.__name__)} for m in (models if isinstance(models, tuple) else (models,))]
    return {JSON: {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}}
