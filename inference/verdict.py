"""The words of the house: claim, passage, evidence, judgement, verdict. Values only.

All offsets count Unicode code points (Python string indices) and are half-open: `text[start:end]`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """What can be said of one claim, in the terms of FEVER (Thorne et al. 2018)."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    NOT_ENOUGH_EVIDENCE = "not_enough_evidence"


class Verdict(StrEnum):
    """What can be said of a whole response: a claim's labels, and that there was nothing to check."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    NOT_ENOUGH_EVIDENCE = "not_enough_evidence"
    NOTHING_TO_CHECK = "nothing_to_check"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable statement of a response.

    `text` stands on its own (a "Yes" takes its words from the question); `span` says which characters of the
    response make the claim.
    """

    text: str
    span: Span


class SourceKind(StrEnum):
    """Where a passage was found."""

    DOCUMENT = "document"
    CORPUS = "corpus"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a source, verbatim: `source_text[start:start + len(text)] == text`.

    `id` is unique within one verification. `link` is a URL, or `touchstone://...` for what has none.
    """

    id: str
    text: str
    kind: SourceKind
    title: str = ""
    link: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim quote that bears on a claim: `passage.text[span.start:span.end]`."""

    passage: Passage
    span: Span
    label: Label  # SUPPORTED or REFUTED: which way the quote points

    @property
    def quote(self) -> str:
        return self.passage.text[self.span.start : self.span.end]

    @property
    def source_span(self) -> Span:
        """Where the quote stands in the whole source, not only in the passage."""
        return Span(self.passage.start + self.span.start, self.passage.start + self.span.end)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a language model read and wrote."""

    read: int
    written: int

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.read + other.read, self.written + other.written)


NO_TOKENS = Tokens(0, 0)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who judged, so that a verdict can be made again: kind of judge, model, and the version of the prompt.

    `prompt` is the SHA-256 of the prompt's file, empty for a judge that has no prompt.
    """

    judge: str
    model: str
    prompt: str = ""


class Basis(StrEnum):
    """What a judgement rests on."""

    EVIDENCE = "evidence"
    MODEL_KNOWLEDGE = "model knowledge"
    """The judge is a language model, found nothing to quote, and remembers it so. It may be wrong and cites nothing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge says of one claim.

    `score` is the probability, 0 to 1, that the claim is supported. It is None where the judge declined to judge, which
    is always NOT_ENOUGH_EVIDENCE, and where a language model judged whose engine tells no probabilities. `reason` is a
    sentence for a person, naming what decided; it never quotes text that is not in the evidence. `evidence` is empty
    only for NOT_ENOUGH_EVIDENCE and for what rests on MODEL_KNOWLEDGE. `statement` is the claim said so that it stands
    better on its own, in words of prompt and response alone; empty if the claim's text does.
    """

    label: Label
    score: float | None
    reason: str
    evidence: tuple[Evidence, ...] = ()
    basis: Basis = Basis.EVIDENCE
    tokens: Tokens = NO_TOKENS  # read and written for it; one call for several claims counts with the first of them
    statement: str = ""


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """A claim together with what was judged of it."""

    claim: Claim
    judgement: Judgement
