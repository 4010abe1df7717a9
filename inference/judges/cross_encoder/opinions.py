"""From the probabilities of each source and the rules' opinion to one label and one score. Pure.

The rule, the same whatever the number and length of the passages:

1. The model gives each source its probabilities (`model.py`). The source that settles most decides: the one with the
   least "not enough evidence". Sources that settle nothing change nothing, so more of them change nothing.
2. Where another source says the opposite, the odds are those of both: the score lies between them.
3. These odds, how near the claim's words are to those of the deciding source, and the rules' opinion add up, each with
   a fixed weight (`calibration.py`). Where they say different things the score lies between what each alone would say.
4. From the threshold on the claim is supported. Below it is refuted where the rules say so, or where the model finds
   refutation likelier than silence and the source speaks of what the claim speaks of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.cross_encoder.calibration import Calibration
from inference.judges.cross_encoder.model import Probabilities
from inference.judges.cross_encoder.odds import odds, probability
from inference.verdict import Judgement, Label

_SCORE_MIN, _SCORE_MAX = 0.01, 0.99
"""A small model is never surer than this."""
_OPPOSED_MIN = 0.75
"""The probability from which on a source says the opposite of another, and not merely little."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a claim by one source.

    `near`: the cosine of the mean word vectors of claim and source, -1 to 1. `on_subject`: whether the source is known
    to speak of what the claim speaks of, as a given document is.
    """

    probabilities: Probabilities
    near: float
    on_subject: bool


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is said of the claim in the end. `deciding` and `opposing`: numbers of sources; None: no source opposes."""

    label: Label
    score: float
    deciding: int
    opposing: int | None = None


def settle(sources: Sequence[Said], rules: Judgement, calibration: Calibration) -> Opinion:
    """The opinion on one claim. `sources` has at least one."""
    deciding = deciding_source(sources)
    undecided = rules.label is Label.NOT_ENOUGH_EVIDENCE  # what the rules settle, no other source unsettles
    opposing = _opposing(sources, deciding) if undecided else None
    score = probability(calibration.combined(model_odds(sources), sources[deciding].near, rules))
    score = round(min(_SCORE_MAX, max(_SCORE_MIN, score)), 4)
    if score >= calibration.threshold:
        return Opinion(Label.SUPPORTED, score, deciding, opposing)
    refuted = rules.label is Label.REFUTED or _refutes(sources[deciding])
    return Opinion(Label.REFUTED if refuted else Label.NOT_ENOUGH_EVIDENCE, score, deciding, opposing)


def _refutes(source: Said) -> bool:
    return source.on_subject and source.probabilities.refuted > source.probabilities.unknown


def deciding_source(sources: Sequence[Said]) -> int:
    """The number of the source that settles most, of equals the first."""
    return min(range(len(sources)), key=lambda number: (sources[number].probabilities.unknown, number))


def model_odds(sources: Sequence[Said]) -> float:
    """The model's log-odds that the claim is supported: of the deciding source, or of it and its opposite."""
    deciding = deciding_source(sources)
    opposing = _opposing(sources, deciding)
    found = odds(sources[deciding].probabilities.supported)
    return found if opposing is None else (found + odds(sources[opposing].probabilities.supported)) / 2


def _opposing(sources: Sequence[Said], deciding: int) -> int | None:
    best = sources[deciding].probabilities
    for_it = best.supported >= best.refuted
    against = [
        0.0 if not source.on_subject else source.probabilities.refuted if for_it else source.probabilities.supported
        for source in sources
    ]
    most = max(range(len(sources)), key=lambda number: (against[number], -number))
    settles = max(best.supported, best.refuted) >= _OPPOSED_MIN
    return most if settles and most != deciding and against[most] >= _OPPOSED_MIN else None
