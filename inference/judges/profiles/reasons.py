"""Judgements of models that say little, in words. Quotes are the evidence's own; nothing the model wrote is. Pure."""

from collections.abc import Sequence

from inference.source_name import source_name_first
from inference.text.shorten import shorten
from inference.verdict import NO_TOKENS, Evidence, Judgement, Label, Passage, Tokens

_QUOTE_CHARS_MAX = 160

NOTHING_READ = Judgement(
    Label.NOT_ENOUGH_EVIDENCE, None, "There is no evidence to judge the claim against; the judge was not asked."
)

_TWO_LABELS = "It does not tell a claim that the evidence contradicts from one that it does not mention."
_NO_SCORE = "The engine tells no probabilities, so there is no score."


def judgement_of(
    title: str,
    label: Label,
    score: float | None,
    evidence: Sequence[Evidence],
    *,
    knows_refuted: bool,
    read: Sequence[Passage],
    offered: int,
    tokens: Tokens = NO_TOKENS,
) -> Judgement:
    """The judgement of the judge called `title`, who read the passages `read` of `offered`."""
    parts = [_finding(title, label, evidence)]
    if label is Label.NOT_ENOUGH_EVIDENCE and not knows_refuted:
        parts.append(_TWO_LABELS)
    if len(read) < offered:
        parts.append(f"It read {len(read)} of {offered} passages; more are too long for it.")
    if score is None:
        parts.append(_NO_SCORE)
    return Judgement(label, score, " ".join(parts), tuple(evidence), tokens=tokens)


def _finding(title: str, label: Label, evidence: Sequence[Evidence]) -> str:
    if label is Label.SUPPORTED:
        return f"{_says(evidence[0])}; {_inside(title)} finds the claim borne out by what it read."
    if label is Label.REFUTED:
        return f"{_says(evidence[0])}; {_inside(title)} finds the claim contradicted by what it read."
    return f"{title} does not find the claim borne out by what it read."


def _inside(title: str) -> str:
    """A title inside a sentence: "The classifier" is no name."""
    return title.replace("The ", "the ", 1) if title.startswith("The ") else title


def _says(evidence: Evidence) -> str:
    return f'{source_name_first(evidence.passage)} says "{shorten(evidence.quote, _QUOTE_CHARS_MAX).rstrip(".")}"'
