"""The resource `touchstone://server`: what this server is, for a client that wants to know before it asks."""

from typing import Any

import mcp_types as types
import orjson
from mcp.shared.exceptions import MCPError

from server.house import House
from server.version import VERSION

SERVER_URI = "touchstone://server"

SERVER_RESOURCE = types.Resource(
    uri=SERVER_URI,
    name="server",
    title="This server",
    description="Version, judge, sources of evidence and limits of this Touchstone server.",
    mime_type="application/json",
)


def read_resource(house: House, uri: str) -> types.ReadResourceResult:
    """The resource at `uri`. Raises MCPError where there is none."""
    if uri != SERVER_URI:
        raise MCPError(types.INVALID_PARAMS, f"no resource {uri}; there is {SERVER_URI}", {"uri": uri})
    text = orjson.dumps(_describe(house), option=orjson.OPT_INDENT_2).decode()
    content = types.TextResourceContents(uri=SERVER_URI, mime_type="application/json", text=text)
    return types.ReadResourceResult(contents=[content])


def _describe(house: House) -> dict[str, Any]:
    limits = house.verifier.limits
    return {
        "name": "touchstone",
        "version": VERSION,
        "judge": house.verifier.judge.name,
        "sources": [retriever.name for retriever in house.verifier.retrievers],
        "web_search": house.settings.web_search,
        "limits": {name: getattr(limits, name) for name in limits.__dataclass_fields__},
        "verdicts": ["supported", "refuted", "not_enough_evidence", "nothing_to_check"],
    }
