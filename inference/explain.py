"""A verdict in plain words: what fails, why, and the quote that says so. Pure functions.

Quotes come from `Evidence.quote` alone, so nothing is ever shown that is not in the source.
"""

from collections.abc import Sequence

from inference.text.shorten import shorten
from inference.verdict import ClaimVerdict, Evidence, Label

FAILURES_SHOWN_MAX = 5  # more than a person reads; the rest is in `claims`
QUOTE_CHARS_MAX = 300  # of a quote inside the explanation; `claims` carries it whole
CLAIM_CHARS_MAX = 200  # of a claim inside the explanation

SOURCES_ASKED = "Sources asked:"  # how the sentence begins that says where evidence was looked for
NO_ANSWER = "No answer from"  # and the one that says which source gave none
NOTHING_TO_CHECK = "Nothing to check: the response makes no statement that evidence could support or refute."

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
    lines = [_summary(len(claims), failing)] if len(claims) > 1 else []
    shown = (failing or list(claims))[:FAILURES_SHOWN_MAX]
    lines += [_explain_claim(c) for c in shown]
    if len(failing) > len(shown):
        lines.append(f"{len(failing) - len(shown)} more are listed under claims.")
    if any(c.judgement.label is Label.NOT_ENOUGH_EVIDENCE for c in claims):
        lines += failed_sources
    return "\n".join(lines)


def _summary(total: int, failing: Sequence[ClaimVerdict]) -> str:
    if not failing:
        return f"All {total} claims are supported by the evidence."
    refuted = sum(c.judgement.label is Label.REFUTED for c in failing)
    parts = [f"{refuted} refuted"] if refuted else []
    if len(failing) > refuted:
        parts.append(f"{len(failing) - refuted} without enough evidence")
    return f"{len(failing)} of {total} claims fail: {', '.join(parts)}."


def _explain_claim(item: ClaimVerdict) -> str:
    judgement = item.judgement
    text = f'{_HEADINGS[judgement.label]}: "{shorten(item.claim.text, CLAIM_CHARS_MAX)}" {judgement.reason}'
    decisive = next((e for e in judgement.evidence if e.label is judgement.label), None)
    return f"{text} {_cite(decisive)}" if decisive else text


def _cite(evidence: Evidence) -> str:
    source = evidence.passage.title or "the document"
    return f'Evidence, {source}: "{shorten(evidence.quote, QUOTE_CHARS_MAX)}"'
