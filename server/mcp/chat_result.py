"""The result of the MCP tool `chat`: what the model answered and, if asked for, what was verified of it.

A result reaches the client twice, as structure and as text, and Claude Code cuts it at 25,000 tokens in the middle of
the JSON. So a long answer is shortened here, and `content_chars_omitted` says by how much. What is verified is the
whole answer.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from inference.verdict import Verdict
from server.mcp.result import claims_that_fit
from server.wire.verification import (
    SCORE_DESCRIPTION,
    ClaimBody,
    ProvenanceBody,
    SearchResultBody,
    UsageBody,
    provenance_json,
    search_result_json,
    usage_json,
)
from tools.chat import ChatAnswer
from tools.verification import Verification

CONTENT_BYTES_MAX = 36_000
"""Of the answer, as UTF-8, where it comes alone."""

VERIFIED_CONTENT_BYTES_MAX = 16_000
"""Of the answer beside its verification, whose claims take 20,000."""


class ChatVerification(BaseModel):
    """What was verified of an answer."""

    model_config = ConfigDict(title="chat verification")
    is_hallucination: Annotated[bool, Field(description="Whether any claim is refuted or not supported.")]
    explanation: Annotated[str, Field(description="Which claim fails and why, with the quote that decides.")]
    verdict: Verdict
    score: Annotated[Annotated[float, Field(ge=0, le=1)] | None, Field(description=SCORE_DESCRIPTION)]
    claims: Annotated[list[ClaimBody], Field(description="Their places count characters of the whole answer.")]
    claims_omitted: Annotated[int, Field(ge=0, description="Claims left out to keep the result short.")]
    search_results: Annotated[list[SearchResultBody], Field(description="Sources found.")]
    usage: UsageBody
    judge: str
    provenance: ProvenanceBody


class ChatResult(BaseModel):
    """Output of `chat`."""

    model_config = ConfigDict(title="chat")
    model: Annotated[str, Field(description="The model that answered.")]
    content: Annotated[str, Field(description="Its answer, from the beginning.")]
    content_chars_omitted: Annotated[int, Field(ge=0, description="Characters left out at the end of content.")]
    finish_reason: Annotated[str, Field(description="Why it stopped: stop, or length if it ran out of room.")]
    usage: UsageBody
    verification: Annotated[
        ChatVerification | None, Field(description="Verdicts on the claims of the answer; null unless asked for.")
    ]
    verification_error: Annotated[
        str, Field(description="Why there is no verification although one was asked for; else empty.")
    ]


def chat_result_json(answer: ChatAnswer, verification_error: str) -> dict[str, Any]:
    """`ChatResult` as plain values."""
    verification = answer.verification
    content = _beginning(answer.text, VERIFIED_CONTENT_BYTES_MAX if verification else CONTENT_BYTES_MAX)
    return {
        "model": answer.model,
        "content": content,
        "content_chars_omitted": len(answer.text) - len(content),
        "finish_reason": answer.finish_reason,
        "usage": usage_json(answer.usage),
        "verification": _verification_json(verification) if verification else None,
        "verification_error": verification_error,
    }


def _verification_json(verification: Verification) -> dict[str, Any]:
    claims = list(claims_that_fit(verification).values())
    return {
        "is_hallucination": verification.is_hallucination,
        "explanation": verification.explanation,
        "verdict": verification.verdict.value,
        "score": verification.score,
        "claims": claims,
        "claims_omitted": len(verification.claims) - len(claims),
        "search_results": [search_result_json(result) for result in verification.search_results],
        "usage": usage_json(verification.usage),
        "judge": verification.judge,
        "provenance": provenance_json(verification.provenance),
    }


def _beginning(text: str, bytes_max: int) -> str:
    """As much of `text` from its beginning as fits, in whole characters."""
    return text.encode(errors="replace")[:bytes_max].decode(errors="ignore")
