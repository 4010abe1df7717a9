"""A result of a batch, as short as whoever decides by it needs it: the verdict, and the claims that fail first.

The whole of it stands in the output file. Here, what is long is shortened, and says so with an ellipsis or a number.
"""

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from inference.text.shorten import shorten
from inference.verdict import Label
from tools.batch_results import ResultLine

CUSTOM_ID_CHARS_MAX = 200
CLAIMS_MAX = 3
CLAIM_CHARS_MAX = 300
REASON_CHARS_MAX = 400
CONTENT_CHARS_MAX = 1_000
MESSAGE_CHARS_MAX = 500


class FailedClaim(BaseModel):
    """A claim that does not hold."""

    model_config = ConfigDict(extra="forbid")
    text: str
    verdict: Annotated[str, Field(description="refuted or not_enough_evidence.")]
    explanation: Annotated[str, Field(description="Why, with the quote that decides.")]


class SlimResult(BaseModel):
    """One result of a batch."""

    model_config = ConfigDict(extra="forbid")
    custom_id: str
    outcome: Annotated[
        Literal["verified", "answered", "failed"],
        Field(description="failed: there is no answer and so no verdict; error says why."),
    ]
    is_hallucination: Annotated[bool | None, Field(description="null where nothing was verified.")]
    verdict: Annotated[str, Field(description="Of a verification; else empty.")]
    score: Annotated[float | None, Field(description="Probability that the response is supported; null if not judged.")]
    failed_claims: Annotated[list[FailedClaim], Field(description="Refuted ones first.")]
    failed_claims_omitted: Annotated[int, Field(ge=0)]
    content: Annotated[str, Field(description="What a model answered, shortened; empty for a verification.")]
    error: Annotated[str, Field(description="Why there is no answer; else empty.")]


def slim_result(line: ResultLine) -> dict[str, Any]:
    """`SlimResult` as plain values."""
    whole = orjson.loads(line.text)
    response = whole.get("response") or {}
    body = response.get("body")
    slim: dict[str, Any] = {
        "custom_id": shorten(str(whole["custom_id"]), CUSTOM_ID_CHARS_MAX),
        "outcome": "failed" if line.failed else "answered",
        "is_hallucination": None,
        "verdict": "",
        "score": None,
        "failed_claims": [],
        "failed_claims_omitted": 0,
        "content": "",
        "error": "",
    }
    if line.failed:
        return slim | {"error": _reason(whole.get("error"), response.get("status_code"), body)}
    return slim | _answer(body) if isinstance(body, dict) else slim


def is_failing(slim: dict[str, Any]) -> bool:
    """Whether a person has to look at it."""
    return bool(slim["outcome"] == "failed" or slim["is_hallucination"])


def _answer(body: dict[str, Any]) -> dict[str, Any]:
    said = {"content": _content(body)}
    verification: Any = body if "is_hallucination" in body else body.get("verification")
    match verification:
        case {
            "is_hallucination": bool(),
            "verdict": str(),
            "score": float() | int() | None,
            "claims": [*claims],
        } if all(map(_is_claim, claims)):
            return said | _verified(verification)
        case _:  # what only looks like one is none of ours: an engine answers what it likes
            return said


def _is_claim(claim: object) -> bool:
    match claim:
        case {"text": str(), "verdict": str(), "explanation": str()}:
            return True
        case _:
            return False


def _verified(verification: dict[str, Any]) -> dict[str, Any]:
    failing = [claim for claim in verification["claims"] if claim["verdict"] != Label.SUPPORTED]
    failing.sort(key=lambda claim: claim["verdict"] != Label.REFUTED)
    return {
        "outcome": "verified",
        "is_hallucination": verification["is_hallucination"],
        "verdict": shorten(verification["verdict"], CUSTOM_ID_CHARS_MAX),
        "score": verification["score"],
        "failed_claims": [
            {
                "text": shorten(claim["text"], CLAIM_CHARS_MAX),
                "verdict": shorten(claim["verdict"], CUSTOM_ID_CHARS_MAX),
                "explanation": shorten(claim["explanation"], REASON_CHARS_MAX),
            }
            for claim in failing[:CLAIMS_MAX]
        ],
        "failed_claims_omitted": max(0, len(failing) - CLAIMS_MAX),
    }


def _content(body: dict[str, Any]) -> str:
    match body:
        case {"choices": [{"message": {"content": str(text)}}, *_]}:
            return shorten(text, CONTENT_CHARS_MAX)
        case {"data": [{"embedding": [*numbers]}, *_]}:
            return f"an embedding of {len(numbers)} numbers"
        case {"data": [{"embedding": str()}, *_]}:
            return "an embedding"
        case _:
            return ""


def _reason(error: object, status: object, body: object) -> str:
    """What the line of an error file says: the error in place of an answer, or the answer that was an error."""
    match error, body:
        case {"code": code, "message": message}, _:
            return shorten(f"{code}: {message}", MESSAGE_CHARS_MAX)
        case _, {"error": {"message": str(message)}}:
            return shorten(f"{status}: {message}", MESSAGE_CHARS_MAX)
        case _:
            return f"{status}: an answer without a reason"
