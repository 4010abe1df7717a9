"""A verdict in plain words: what fails, why, and the quote that says so. Pure functions.

Quotes come from `Evidence.quote` alone, so nothing is ever shown that is not in the source. What was decided by the
judge's memory alone is said to be, where it is supported too: there is no source that a person could look up.
"""

from collections.abc import Sequence

from inference.source_name import source_name
from inference.text.shorten import shorten
from inference.verdict import Basis, ClaimVerdict, Evidence, Label

FAILURES_SHOWN_MAX = 5  # more than a person reads; the rest is in `claims`
REMEMBERED_SHOWN_MAX = 5  # of the supported claims that rest on the judge's memory
QUOTE_CHARS_MAX = 300  # of a quote inside the explanation; `claims` carries it whole
CLAIM_CHARS_MAX = 200  # of a claim inside the explanation

SOURCES_ASKED = "Sources asked:"  # how the sentence begins that says where evidence was looked for
NO_ANSWER = "No answer from"  # and the one that says which source gave none
NOTHING_TO_CHECK = "Nothing to check: the response makes no statement that evidence could support or refute."

REMEMBERED = {
    Label.SUPPORTED: "The judge remembers this; no source was found that says it.",
    Label.REFUTED: "The judge remembers it otherwise; no source was found that says so.",
}
"""What is said of a claim that was decided by the judge's memory alone."""

_HEADINGS = {
    Label.SUPPORTED: "Supported",
    Label.REFUTED: "Refuted",
    Label.NOT_ENOUGH_EVIDENCE: "Not enough evidence",
}


def explain(claims: Sequence[ClaimVerdict], failed_sources: Sequence[str] = ()) -> str:
    """One text for the whole response.

    `failed_sources` are sentences about evidence that could not be read; they are said whenever a claim went
    undecided, because the missing source might have decided it.
    """
    if not claims:
        return NOTHING_TO_CHECK
    failing = [c for c in claims if c.judgement.label is not Label.SUPPORTED]
    remembered = [c for c in claims if is_remembered(c) and c.judgement.label is Label.SUPPORTED]
    lines = [_summary(claims, failing)] if len(claims) > 1 else []
    lines += _told(failing, FAILURES_SHOWN_MAX, "more are listed under claims.")
    lines += _told(remembered, REMEMBERED_SHOWN_MAX, "more that the judge remembers are listed under claims.")
    if not failing:
        rest = [c for c in claims if not is_remembered(c)]
        lines += [_explain_claim(c) for c in rest[: max(0, FAILURES_SHOWN_MAX - len(remembered))]]
    if any(c.judgement.label is Label.NOT_ENOUGH_EVIDENCE for c in claims):
        lines += failed_sources
    return "\n".join(lines)


def is_remembered(item: ClaimVerdict) -> bool:
    """Whether the claim was decided by the judge's memory alone."""
    return item.judgement.basis is Basis.MODEL_KNOWLEDGE and item.judgement.label in REMEMBERED


def _summary(claims: Sequence[ClaimVerdict], failing: Sequence[ClaimVerdict]) -> str:
    remembered = sum(map(is_remembered, claims))
    by_memory = f"{remembered} of them by the judge's memory alone" if remembered else ""
    if not failing:
        return f"All {len(claims)} claims are supported{f', {by_memory}' if by_memory else ' by the evidence'}."
    refuted = sum(c.judgement.label is Label.REFUTED for c in failing)
    parts = [f"{refuted} refuted"] if refuted else []
    if len(failing) > refuted:
        parts.append(f"{len(failing) - refuted} without enough evidence")
    decided = f" {len(claims) - len(failing) + refuted} are decided, {by_memory}." if by_memory else ""
    return f"{len(failing)} of {len(claims)} claims fail: {', '.join(parts)}.{decided}"


def _told(claims: Sequence[ClaimVerdict], shown_max: int, more: str) -> list[str]:
    """A line for each of `claims`, and one that counts those that are left out."""
    lines = [_explain_claim(c) for c in claims[:shown_max]]
    return lines if len(claims) <= shown_max else [*lines, f"{len(claims) - shown_max} {more}"]


def _explain_claim(item: ClaimVerdict) -> str:
    judgement = item.judgement
    text = f'{_HEADINGS[judgement.label]}: "{shorten(item.claim.text, CLAIM_CHARS_MAX)}" {judgement.reason}'
    if is_remembered(item) and REMEMBERED[judgement.label] not in judgement.reason:
        text += f" {REMEMBERED[judgement.label]}"
    decisive = next((e for e in judgement.evidence if e.label is judgement.label), None)
    return f"{text} {_cite(decisive)}" if decisive else text


def _cite(evidence: Evidence) -> str:
    return f'Evidence, {source_name(evidence.passage)}: "{shorten(evidence.quote, QUOTE_CHARS_MAX)}"'
