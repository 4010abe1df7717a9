"""The result of the MCP tools: the reference's fields, ours beside them, within what a client keeps of a result.

Claude Code cuts a result at 25,000 tokens in the middle of the JSON. So a result that would be longer leaves out
supported claims first, says how many, and shortens what it echoes.
"""

from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from inference.text.shorten import shorten
from inference.verdict import Label, Verdict
from server.wire import (
    SCORE_DESCRIPTION,
    ClaimBody,
    ProvenanceBody,
    SearchResultBody,
    UsageBody,
    claim_json,
    provenance_json,
    search_result_json,
    usage_json,
)
from tools.question import Question
from tools.verification import Verification

CLAIMS_BYTES_MAX = 20_000  # of all claims as JSON; a result carries them twice, as structure and as text
ECHO_CHARS_MAX = 4_000  # of the prompt and of the response; the caller has both


class VerificationResult(BaseModel):
    """Output of `verify` and `verify_document`."""

    model_config = ConfigDict(title="verification")
    prompt: Annotated[str, Field(description="The prompt, shortened if very long.")]
    response: Annotated[str, Field(description="The response, shortened if very long.")]
    is_hallucination: Annotated[bool, Field(description="Whether any claim is refuted or not supported.")]
    explanation: Annotated[str, Field(description="Which claim fails and why, with the quote that decides.")]
    confidence: Annotated[UsageBody, Field(description="Token usage, under the name the reference gives it.")]
    search_results: Annotated[list[SearchResultBody], Field(description="Sources found; empty if not asked for.")]
    verdict: Verdict
    score: Annotated[
        Annotated[float, Field(ge=0, le=1)] | None,
        Field(description=SCORE_DESCRIPTION),
    ]
    claims: list[ClaimBody]
    claims_omitted: Annotated[int, Field(ge=0, description="Claims left out to keep the result short.")]
    judge: str
    provenance: ProvenanceBody


def result_json(question: Question, verification: Verification, with_search_results: bool) -> dict[str, Any]:
    """`VerificationResult` as plain values."""
    claims = claims_that_fit(verification)
    results = verification.search_results if with_search_results else ()
    return {
        "prompt": _echo(question.prompt),
        "response": _echo(question.response),
        "is_hallucination": verification.is_hallucination,
        "explanation": verification.explanation,
        "confidence": usage_json(verification.usage),
        "search_results": [search_result_json(result) for result in results],
        "verdict": verification.verdict.value,
        "score": verification.score,
        "claims": claims,
        "claims_omitted": len(verification.claims) - len(claims),
        "judge": verification.judge,
        "provenance": provenance_json(verification.provenance),
    }


def claims_that_fit(verification: Verification) -> list[dict[str, Any]]:
    """The claims in their order, failing ones first in line for the room there is."""
    bodies = [claim_json(claim) for claim in verification.claims]
    by_need = sorted(range(len(bodies)), key=lambda i: bodies[i]["verdict"] == Label.SUPPORTED)
    kept: set[int] = set()
    room = CLAIMS_BYTES_MAX
    for i in by_need:
        room -= len(orjson.dumps(bodies[i]))
        if room < 0 and kept:
            break
        kept.add(i)
    return [bodies[i] for i in sorted(kept)]


def _echo(text: str) -> str:
    return text if len(text) <= ECHO_CHARS_MAX else shorten(text, ECHO_CHARS_MAX)
