"""The shapes on the wire: what a caller sends, what a verification looks like as JSON.

Field names are the reference's, exactly; ours come beside them and never in their place. Offsets count Unicode code
points.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from inference.verdict import Basis, ClaimVerdict, Evidence, Label, Provenance, Verdict
from server.wire.correction import CorrectionBody, correction_json
from tools.verification import SearchResult, Usage, Verification

VERIFY_MODEL = "klusterai/verify-reliability"
VERIFY_ALIAS = "touchstone/verify"
VERIFY_MODELS = (VERIFY_MODEL, VERIFY_ALIAS)


def canonical(model: str) -> str:
    """The one name under which limits and usage know `model`."""
    return VERIFY_MODEL if model in VERIFY_MODELS else model


SCORE_DESCRIPTION = (
    "Probability that the response is supported; null if there was nothing to check, if the judge declined to judge a "
    "claim and refuted none, or if it is a language model whose engine tells no probabilities."
)

CORRECT_DESCRIPTION = "Whether to return the response so that only what the evidence supports remains."

# Published, and checked elsewhere: where a check knows more, it says more than a schema could. A test holds the pattern
# against `check_text`.
NOT_BLANK = r"[^\u0000-\u0020\u007f\u0085\u00a0\u00ad\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]"
_NOT_BLANK = {"minLength": 1, "pattern": NOT_BLANK}
_A_MODEL = {"enum": list(VERIFY_MODELS)}
_A_MODEL_OR_NONE = {"enum": [*VERIFY_MODELS, None]}


class VerifyRequest(BaseModel):
    """Body of `POST /v1/verify/reliability`."""

    prompt: Annotated[
        StrictStr,
        Field(min_length=1, description="The question asked or instruction given.", json_schema_extra=_NOT_BLANK),
    ]
    output: Annotated[StrictStr, Field(min_length=1, description="The answer to verify.", json_schema_extra=_NOT_BLANK)]
    context: Annotated[
        StrictStr | None,
        Field(
            description="Reference material. If given, only it counts as evidence.",
            json_schema_extra=_NOT_BLANK,  # beside the alternatives: it binds strings alone
        ),
    ] = None
    return_search_results: Annotated[StrictBool | None, Field(description="Whether to list the sources found.")] = False
    model: Annotated[
        StrictStr | None,
        Field(description=f"{VERIFY_MODEL}, or leave it out.", json_schema_extra=_A_MODEL_OR_NONE),
    ] = None
    stream: Annotated[StrictBool | None, Field(description="Server-sent events, a claim at a time.")] = False
    correct: Annotated[StrictBool | None, Field(description=CORRECT_DESCRIPTION)] = False


class TextPart(BaseModel):
    """A text part of a message."""

    type: Literal["text"]
    text: StrictStr


class ChatMessage(BaseModel):
    """A message in OpenAI's chat format. Fields that are not text are ignored: they make no claims."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: StrictStr | list[TextPart] | None = None

    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: StrictBool | None = False


class ChatRequest(BaseModel):
    """Body of `POST /v1/chat/completions`, as far as verification reads it."""

    model: Annotated[StrictStr, Field(json_schema_extra=_A_MODEL)]
    messages: Annotated[
        list[ChatMessage],
        Field(
            min_length=1,
            description="The last assistant message is verified; a user message has to stand before it.",
        ),
    ]
    stream: StrictBool | None = False
    stream_options: StreamOptions | None = None
    return_search_results: StrictBool | None = False
    correct: Annotated[StrictBool | None, Field(description=CORRECT_DESCRIPTION)] = False


class UsageBody(BaseModel):
    """Token counts: a language model's own, or, of the CPU judge, words and marks."""

    model_config = ConfigDict(extra="forbid")
    completion_tokens: Annotated[int, Field(ge=0)]
    prompt_tokens: Annotated[int, Field(ge=0)]
    total_tokens: Annotated[int, Field(ge=0)]


class EvidenceBody(BaseModel):
    """A verbatim quote. `start` and `end` are its place in the source, in characters."""

    model_config = ConfigDict(extra="forbid")
    quote: str
    start: int
    end: int
    label: Literal["supported", "refuted"]
    source: Literal["document", "corpus", "web"]
    title: str
    link: str


class ClaimBody(BaseModel):
    """A claim and its verdict. `start` and `end` are its place in the response, in characters."""

    model_config = ConfigDict(extra="forbid")
    text: str
    start: int
    end: int
    verdict: Label
    score: Annotated[
        Annotated[float, Field(ge=0, le=1)] | None,
        Field(
            description="Probability that the claim is supported; null if the judge declined to judge it, or is a "
            "language model whose engine tells no probabilities."
        ),
    ]
    basis: Annotated[
        Basis,
        Field(
            description="What it rests on. Model knowledge: the judge remembers it so, and no source was found that "
            "says it; the label counts all the same."
        ),
    ]
    explanation: str
    evidence: list[EvidenceBody]


class SearchResultBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    snippet: str
    link: str


class ProvenanceBody(BaseModel):
    """Who judged."""

    model_config = ConfigDict(extra="forbid")
    judge: Annotated[str, Field(description="The kind of judge.")]
    model: str
    prompt: Annotated[str, Field(description="SHA-256 of the prompt's file; empty for a judge without one.")]


class VerificationBody(BaseModel):
    """What a verification says."""

    model_config = ConfigDict(extra="forbid")
    is_hallucination: Annotated[
        bool, Field(description="False only if everything checkable is supported, or nothing was to check.")
    ]
    usage: UsageBody
    explanation: str
    verdict: Verdict
    score: Annotated[
        Annotated[float, Field(ge=0, le=1)] | None,
        Field(description=SCORE_DESCRIPTION),
    ]
    claims: list[ClaimBody]
    judge: Annotated[str, Field(description="Which judge decided.")]
    provenance: ProvenanceBody
    search_results: Annotated[
        list[SearchResultBody], Field(default_factory=list, description="Present only if asked for.")
    ]
    correction: Annotated[
        CorrectionBody,
        Field(default_factory=lambda: CorrectionBody(text="", edits=[]), description="Present only if asked for."),
    ]


def verification_json(verification: Verification, with_search_results: bool) -> dict[str, Any]:
    """`VerificationBody` as plain values. Built by hand: it is the hot path, and a test holds it against the model."""
    body: dict[str, Any] = {
        "is_hallucination": verification.is_hallucination,
        "usage": usage_json(verification.usage),
        "explanation": verification.explanation,
        "verdict": verification.verdict.value,
        "score": verification.score,
        "claims": [claim_json(claim) for claim in verification.claims],
        "judge": verification.judge,
        "provenance": provenance_json(verification.provenance),
    }
    if with_search_results:
        body["search_results"] = [search_result_json(result) for result in verification.search_results]
    if verification.correction is not None:
        body["correction"] = correction_json(verification.correction)
    return body


def claim_json(item: ClaimVerdict) -> dict[str, Any]:
    """`ClaimBody` as plain values."""
    return {
        "text": item.claim.text,
        "start": item.claim.span.start,
        "end": item.claim.span.end,
        "verdict": item.judgement.label.value,
        "score": item.judgement.score,
        "basis": item.judgement.basis.value,
        "explanation": item.judgement.reason,
        "evidence": [evidence_json(evidence) for evidence in item.judgement.evidence],
    }


def provenance_json(provenance: Provenance) -> dict[str, str]:
    """`ProvenanceBody` as plain values."""
    return {"judge": provenance.judge, "model": provenance.model, "prompt": provenance.prompt}


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """`EvidenceBody` as plain values."""
    return {
        "quote": evidence.quote,
        "start": evidence.source_span.start,
        "end": evidence.source_span.end,
        "label": evidence.label.value,
        "source": evidence.passage.kind.value,
        "title": evidence.passage.title,
        "link": evidence.passage.link,
    }


def search_result_json(result: SearchResult) -> dict[str, str]:
    """`SearchResultBody` as plain values."""
    return {"title": result.title, "snippet": result.snippet, "link": result.link}


def usage_json(usage: Usage) -> dict[str, int]:
    """`UsageBody` as plain values."""
    return {
        "completion_tokens": usage.completion_tokens,
        "prompt_tokens": usage.prompt_tokens,
        "total_tokens": usage.total_tokens,
    }
