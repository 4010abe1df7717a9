"""What `/openapi.json` says of MCP tokens: the reference's shapes."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.openapi.operations import get, json_content

_URL = "Where MCP is served."


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class McpEnabledBody(_Body):
    """The caller has a token."""

    enabled: Literal[True]
    url: Annotated[str, Field(min_length=1, description=_URL)]
    apiKey: Annotated[str, Field(min_length=1, description="The token.")]


class McpDisabledBody(_Body):
    """The caller has none."""

    enabled: Literal[False]
    url: Literal[""]
    apiKey: Literal[""]


class McpTokenBody(_Body):
    """The token that was made, or was there."""

    enabled: Literal[True]
    url: Annotated[str, Field(min_length=1, description=_URL)]
    token: Annotated[str, Field(min_length=1)]


TOKEN_MODELS = (McpEnabledBody, McpDisabledBody, McpTokenBody)


def token_paths() -> dict[str, Any]:
    """The paths of `/v1/mcp/`."""
    status = json_content((McpEnabledBody, McpDisabledBody))
    return {
        "/v1/mcp/status": {"get": get("Whether you have an MCP token, and which", status)},
        "/v1/mcp/enable": {"post": get("Get your MCP token", json_content(McpTokenBody))},
        "/v1/mcp/disable": {"post": get("End your MCP token", json_content(McpDisabledBody))},
    }
