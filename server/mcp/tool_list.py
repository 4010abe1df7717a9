"""What `tools/list` answers: each tool with its schemas and honest annotations."""

from urllib.parse import urlsplit

import mcp_types as types

from server.house import House
from server.mcp.arguments import ChatArguments, VerifyArguments, VerifyDocumentArguments
from server.mcp.batch_tools import batch_tools
from server.mcp.chat_result import ChatResult
from server.mcp.result import VerificationResult
from server.settings import is_loopback
from server.wire.schema import flat_schema


def tools_of(house: House) -> list[types.Tool]:
    """The tools that the house offers."""
    return [
        types.Tool(
            name="verify",
            title="Verify a response",
            description=(
                "Checks whether a response to a prompt is true, against a local corpus and, unless switched off, the "
                "web. Says which claim fails and quotes the evidence. Use it for facts, trivia, news, statements. For "
                "an answer about a given document use verify_document."
            ),
            input_schema=flat_schema(VerifyArguments),
            output_schema=flat_schema(VerificationResult),
            annotations=_annotations("Verify a response", open_world=house.settings.web_search),
        ),
        types.Tool(
            name="verify_document",
            title="Verify a response against a document",
            description=(
                "Checks whether a response follows from a document: quotes, extracted data, summaries, answers over "
                "retrieved text. Only the document counts as evidence; nothing is searched. Says which claim fails "
                "and quotes the place in the document, with offsets."
            ),
            input_schema=flat_schema(VerifyDocumentArguments),
            output_schema=flat_schema(VerificationResult),
            annotations=_annotations("Verify a response against a document", open_world=False),
        ),
        types.Tool(
            name="chat",
            title="Ask a language model",
            description=(
                "Asks a language model that this server reaches, and returns its answer. With verify, the answer comes "
                "with a verdict on each of its claims and the evidence. To check an answer that you already have, use "
                "verify or verify_document."
            ),
            input_schema=flat_schema(ChatArguments),
            output_schema=flat_schema(ChatResult),
            annotations=_annotations(
                "Ask a language model",
                open_world=house.settings.web_search or _has_an_engine_elsewhere(house),
                idempotent=False,  # a model may answer otherwise the next time
            ),
        ),
        *batch_tools(house.settings.web_search or _has_an_engine_elsewhere(house)),
    ]


def _has_an_engine_elsewhere(house: House) -> bool:
    return any(not is_loopback(urlsplit(url).hostname or "") for url in house.settings.engine_url)


def _annotations(title: str, open_world: bool, idempotent: bool = True) -> types.ToolAnnotations:
    return types.ToolAnnotations(
        title=title,
        read_only_hint=True,
        destructive_hint=False,
        idempotent_hint=idempotent,
        open_world_hint=open_world,
    )
