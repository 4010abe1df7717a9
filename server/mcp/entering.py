"""Counts an MCP message against the plan of its caller, before it is handled. Usage counts once a model is asked.

A call of `verify`, `verify_document` or `chat` counts as a request to the model that it asks. All other messages count
as requests that ask no model. What is over the limit is a tool's failure, in words; whatever a client sends to connect
and to look around is answered all the same.
"""

from collections.abc import MutableMapping
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR

from inference.errors import TouchstoneError
from server.accounts.visit import visit_of
from server.errors import RateLimited
from server.house import House
from server.mcp.caller import visit_over_http
from server.wire.verification import VERIFY_MODEL
from tools.chat_news import model_to_ask

_VERIFYING = ("verify", "verify_document")


async def enter(house: House, scope: MutableMapping[str, Any], message: dict[str, Any]) -> None:
    """Counts `message`. One over the limit is noted in the visit of the request. Raises SettingsError."""
    try:
        await visit_of(scope).be_admitted(await _model(house, message))
    except RateLimited:
        return  # `check_entered` tells those whom it concerns


def check_entered(ctx: Any) -> None:
    """Raises RateLimited if the call is over its caller's limit. Over stdio there is none."""
    visit = visit_over_http(ctx)
    if visit is not None and visit.refusal is not None:
        raise visit.refusal


def check_entered_reader(ctx: Any, uri: str) -> None:
    """The same for one who reads a resource: raises MCPError."""
    try:
        check_entered(ctx)
    except RateLimited as error:
        raise MCPError(INTERNAL_ERROR, error.message, {"uri": uri}) from None


async def _model(house: House, message: dict[str, Any]) -> str | None:
    """The model that the message asks. None too where that cannot be told: then the call fails by itself."""
    params = message.get("params")
    if message.get("method") != "tools/call" or not isinstance(params, dict):
        return None
    if params.get("name") in _VERIFYING:
        return VERIFY_MODEL
    arguments = params.get("arguments")
    if params.get("name") != "chat" or not isinstance(arguments, dict):
        return None
    asked = arguments.get("model") or ""
    if not isinstance(asked, str):
        return None
    try:
        model = await model_to_ask(house.engines, asked, house.verifier.judge.provenance.model)
        await house.engines.serving(model)
    except TouchstoneError:
        return None
    return model
