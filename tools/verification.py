"""What a verification says: the values that every protocol puts on its wire in its own way."""

from dataclasses import dataclass

from inference.correction.edit import Correction
from inference.verdict import ClaimVerdict, Provenance, Verdict


@dataclass(frozen=True, slots=True)
class ClaimsFound:
    """The first news of a verification: how many claims will be judged."""

    total: int


@dataclass(frozen=True, slots=True)
class ClaimJudged:
    """A claim was judged: number `index`, counted from 0, of `total`."""

    index: int
    total: int
    claim: ClaimVerdict


@dataclass(frozen=True, slots=True)
class Step:
    """What the verification does now, in words for a person: "searching for ..."."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What was read and written, in tokens: a language model's own, or else words and marks."""

    prompt_tokens: int
    completion_tokens: int

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A source that was found and read for the claims."""

    title: str
    snippet: str
    link: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The last news of a verification. `score` is None where `overall_score` says so, `correction` where none was asked
    for."""

    verdict: Verdict
    is_hallucination: bool
    score: float | None
    explanation: str
    claims: tuple[ClaimVerdict, ...]
    search_results: tuple[SearchResult, ...]
    usage: Usage
    judge: str
    provenance: Provenance
    correction: Correction | None = None


News = ClaimsFound | Step | ClaimJudged | Verification
