"""The result of the MCP tools: the reference's fields, ours beside them, within what a client keeps of a result.

Claude Code cuts a result at 25,000 tokens in the middle of the JSON. So a result that would be longer leaves out
supported claims first, says how many, and shortens what it echoes. A corrected response comes whole or not at all.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from inference.correction.edit import Correction
from inference.text.shorten import shorten
from inference.verdict import Label, Verdict
from server.wire.correction import EditBody, edit_json
from server.wire.verification import (
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
CORRECTION_BYTES_MAX = 14_000  # of the corrected text and the edits as JSON; like the claims it is carried twice
ECHO_CHARS_MAX = 4_000  # of the prompt and of the response; the caller has both


class CorrectionResult(BaseModel):
    """A correction, as far as a client keeps it."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, Field(description="The response with only what the evidence supports, whole.")]
    text_omitted: Annotated[
        bool, Field(description="Whether the text was left out because it is too long; the edits lead to it.")
    ]
    edits: list[EditBody]
    edits_omitted: Annotated[int, Field(ge=0, description="Edits left out to keep the result short, the last ones.")]


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
    correction: Annotated[
        CorrectionResult,
        Field(
            default_factory=lambda: CorrectionResult(text="", text_omitted=False, edits=[], edits_omitted=0),
            description="Present only if asked for.",
        ),
    ]


def result_json(question: Question, verification: Verification, with_search_results: bool) -> dict[str, Any]:
    """`VerificationResult` as plain values."""
    claims = claims_that_fit(verification)
    results = verification.search_results if with_search_results else ()
    body: dict[str, Any] = {
        "prompt": _echo(question.prompt),
        "response": _echo(question.response),
        "is_hallucination": verification.is_hallucination,
        "explanation": verification.explanation,
        "confidence": usage_json(verification.usage),
        "search_results": [search_result_json(result) for result in results],
        "verdict": verification.verdict.value,
        "score": verification.score,
        "claims": list(claims.values()),
        "claims_omitted": len(verification.claims) - len(claims),
        "judge": verification.judge,
        "provenance": provenance_json(verification.provenance),
    }
    if verification.correction is not None:
        body["correction"] = _correction(verification.correction, list(claims))
    return body


def _correction(correction: Correction, claims: Sequence[int]) -> dict[str, Any]:
    """The correction; edits name their claims by their numbers among those that are in the result."""
    place = {number: at for at, number in enumerate(claims)}
    text_bytes = len(orjson.dumps(correction.text))
    fits = text_bytes <= CORRECTION_BYTES_MAX
    room = CORRECTION_BYTES_MAX - (text_bytes if fits else 0)
    edits: list[dict[str, Any]] = []
    for edit in correction.edits:
        body = edit_json(edit) | {"claims": [place[number] for number in edit.claims if number in place]}
        room -= len(orjson.dumps(body))
        if room < 0:
            break
        edits.append(body)
    return {
        "text": correction.text if fits else "",
        "text_omitted": not fits,
        "edits": edits,
        "edits_omitted": len(correction.edits) - len(edits),
    }


def claims_that_fit(verification: Verification) -> dict[int, dict[str, Any]]:
    """Claims as plain values by their numbers, in their order; failing ones are first in line for the room there is."""
    bodies = [claim_json(claim) for claim in verification.claims]
    by_need = sorted(range(len(bodies)), key=lambda i: bodies[i]["verdict"] == Label.SUPPORTED)
    kept: set[int] = set()
    room = CLAIMS_BYTES_MAX
    for i in by_need:
        room -= len(orjson.dumps(bodies[i]))
        if room < 0 and kept:
            break
        kept.add(i)
    return {i: bodies[i] for i in sorted(kept)}


def _echo(text: str) -> str:
    return text if len(text) <= ECHO_CHARS_MAX else shorten(text, ECHO_CHARS_MAX)
