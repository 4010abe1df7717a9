"""What a line of an input file has to be.

Looks at the envelope of the request, the name of its model, and whether it is streamed. The rest of its body is for the
endpoint that answers it. So is whether the model is served: an engine that is down now may be up when the line's turn
comes.
"""

from typing import Any, NamedTuple

import orjson

from inference.batches.batch import Endpoint

CUSTOM_ID_CHARS_MAX = 512
"""Enough for a URL or a digest; it is written again with every result."""

SHOWN_CHARS_MAX = 80
"""Of a value in a message."""


class Fault(NamedTuple):
    """What is wrong with a line. `param` is the field in the line's own terms."""

    code: str
    message: str
    param: str | None = None


class LineRules:
    """The rules for the lines of one batch."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._url = str(endpoint)
        self._needs_model = endpoint is not Endpoint.VERIFY

    def fault(self, line: Any) -> Fault | None:
        """What is wrong with a line's JSON; None if nothing is."""
        # All at once for a line that is right; what is wrong is looked for afterwards.
        if (
            type(line) is dict
            and type(custom_id := line.get("custom_id")) is str
            and 0 < len(custom_id) <= CUSTOM_ID_CHARS_MAX
            and line.get("method") == "POST"
            and line.get("url") == self._url
            and type(body := line.get("body")) is dict
            and ((type(model := body.get("model")) is str and model) or (model is None and not self._needs_model))
            and not body.get("stream")
        ):
            return None
        return self._fault(line)

    def _fault(self, line: Any) -> Fault:
        if not isinstance(line, dict):
            return Fault("invalid_json_line", f"The line is {_kind(line)}; each line is a JSON object.")
        for name in ("custom_id", "method", "url", "body"):
            if line.get(name) is None:
                return Fault("missing_required_parameter", f"The line has no {name!r}.", name)
        return _fault_of_id(line["custom_id"]) or self._fault_of_address(line) or self._fault_of_body(line["body"])

    def _fault_of_address(self, line: dict[str, Any]) -> Fault | None:
        if line["method"] != "POST":
            return Fault("invalid_method", f"The method is {shown(line['method'])}; it has to be 'POST'.", "method")
        if line["url"] != self._url:
            told = (
                f"The url is {shown(line['url'])}; this batch was made for '{self._url}', and each line has to say so."
            )
            return Fault("mismatched_url", told, "url")
        return None

    def _fault_of_body(self, body: Any) -> Fault:
        if not isinstance(body, dict):
            return Fault("invalid_type", f"The body is {_kind(body)}; it has to be an object.", "body")
        model = body.get("model")
        if model is None and self._needs_model:
            return Fault("missing_required_parameter", "The body has no 'model'.", "body.model")
        if model is not None and (not isinstance(model, str) or not model):
            told = "an empty text" if model == "" else _kind(model)
            return Fault("invalid_type", f"The model is {told}; it has to be the name of a model.", "body.model")
        return Fault(
            "unsupported_parameter", "A batch streams nothing; leave 'stream' out or make it false.", "body.stream"
        )


def parse_fault(row: bytes, error: orjson.JSONDecodeError) -> Fault:
    """Why a line could not be read."""
    try:
        row.decode()
    except UnicodeDecodeError as undecodable:
        return Fault("invalid_json_line", f"The line is not UTF-8 (at its byte {undecodable.start + 1:,}).")
    return Fault("invalid_json_line", f"The line is not JSON (at its character {error.pos + 1:,}: {error.msg}).")


def _fault_of_id(custom_id: Any) -> Fault | None:
    if not isinstance(custom_id, str):
        told = f"The custom_id is {_kind(custom_id)}; it has to be a text, in quotes."
        return Fault("invalid_type", told, "custom_id")
    if not custom_id:
        return Fault("missing_required_parameter", "The custom_id is empty.", "custom_id")
    if len(custom_id) > CUSTOM_ID_CHARS_MAX:
        told = f"The custom_id has {len(custom_id):,} characters; up to {CUSTOM_ID_CHARS_MAX} are allowed."
        return Fault("invalid_value", told, "custom_id")
    return None


def shown(value: Any) -> str:
    """A value as a message shows it."""
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}..."


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds[type(value)]
