"""A judgement in words: what the evidence says, what the response says, what would settle a doubt. Pure.

Where the rules came to the same label, they know why in detail and their reason stands. Quotes are the evidence's own.
"""

from collections.abc import Sequence

from inference.judges.cross_encoder.calibration import Calibration
from inference.judges.cross_encoder.excerpt import Excerpt
from inference.judges.cross_encoder.opinions import Opinion
from inference.judges.cross_encoder.quotes import missing_words, quotes
from inference.judges.cross_encoder.reading import TELLING_MIN, Reading
from inference.source_name import source_name_first
from inference.text.shorten import shorten
from inference.verdict import Claim, Evidence, Judgement, Label

_QUOTE_CHARS_MAX = 160
_CLAIM_CHARS_MAX = 160


def explained(
    claim: Claim,
    reading: Reading,
    excerpts: Sequence[Excerpt],
    opinion: Opinion,
    rules: Judgement,
    calibration: Calibration,
) -> Judgement:
    """The judgement that `opinion` amounts to, with its evidence and its reason."""
    deciding = excerpts[opinion.deciding]
    missing = missing_words(claim.text, reading, deciding.keys(), TELLING_MIN)
    evidence = _evidence(reading, deciding, opinion, rules)
    parts = [_reason(claim, opinion, rules, evidence, missing)]
    if opinion.opposing is not None:
        other = quotes(reading, excerpts[opinion.opposing], _opposite(opinion.label))[:1]
        evidence = [*evidence[:2], *other]
        parts.append(f"Sources disagree: {_says(other[0])}.")
    if abs(opinion.score - calibration.threshold) < calibration.doubt:
        parts.append(_doubt(opinion, rules, missing))
    return Judgement(opinion.label, opinion.score, " ".join(parts), tuple(evidence))


def too_long(pieces_max: int) -> Judgement:
    """A claim that was not read."""
    reason = f"The claim is too long to be judged as one (over {pieces_max} word pieces); say it in shorter sentences."
    return Judgement(Label.NOT_ENOUGH_EVIDENCE, None, reason)


def _evidence(reading: Reading, deciding: Excerpt, opinion: Opinion, rules: Judgement) -> list[Evidence]:
    if opinion.label is Label.NOT_ENOUGH_EVIDENCE:
        return []
    if rules.label is opinion.label and rules.evidence:
        return list(rules.evidence)
    return quotes(reading, deciding, opinion.label)


def _reason(claim: Claim, opinion: Opinion, rules: Judgement, evidence: Sequence[Evidence], missing: str | None) -> str:
    if rules.label is opinion.label:
        return rules.reason
    if opinion.label is Label.SUPPORTED:
        lacking = f', though it lacks "{missing}"' if missing else ""
        return f"{_says(evidence[0])}, which the judge takes to say the same{lacking}."
    if opinion.label is Label.REFUTED:
        said = f'"{missing}"' if missing else f'"{shorten(claim.text, _CLAIM_CHARS_MAX)}"'
        return f"{_says(evidence[0])}; the response says {said}."
    if missing:
        return f'The evidence does not say "{missing}".'
    return "The passages use the words of the claim, but do not state it."


def _says(evidence: Evidence) -> str:
    return f'{source_name_first(evidence.passage)} says "{shorten(evidence.quote, _QUOTE_CHARS_MAX).rstrip(".")}"'


def _opposite(label: Label) -> Label:
    return Label.REFUTED if label is Label.SUPPORTED else Label.SUPPORTED


def _doubt(opinion: Opinion, rules: Judgement, missing: str | None) -> str:
    settles = f'that states "{missing}" or something else in its place' if missing else "that states it in plain words"
    apart = rules.label is not Label.NOT_ENOUGH_EVIDENCE and rules.label is not opinion.label
    why = ", because words and meaning point different ways" if apart else ""
    return f"The judge is unsure ({opinion.score:.2f}){why}; a source {settles} would settle it."
