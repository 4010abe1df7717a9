"""From the probabilities of each source and the rules' opinion to one label and one score. Pure.

The rule, the same whatever the number and length of the passages:

1. The model gives each source its probabilities (`model.py`). The source that settles most decides: the one with the
   least "not enough evidence". Sources that settle nothing change nothing, so more of them change nothing.
2. Its odds that the claim is supported are tempered, and moved by what the rules of `alignment/` say, by fixed amounts
   that were fitted once, for all domains (`calibration.py`).
3. Where another source says the opposite, the odds are those of both: the score lies between them.
4. The claim is supported from the threshold on; below it is refuted where refutation is likelier than silence.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.cross_encoder.calibration import Calibration
from inference.judges.cross_encoder.model import Probabilities
from inference.verdict import Label

_SCORE_MIN, _SCORE_MAX = 0.01, 0.99
"""A small model is never surer than this."""
_OPPOSED_MIN = 0.6
"""The probability from which on a source says the opposite of another, and not merely little."""
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is said of the claim in the end. `deciding` and `opposing`: numbers of sources; None: no source opposes."""

    label: Label
    score: float
    deciding: int
    opposing: int | None = None


def settle(sources: Sequence[Probabilities], rules: Label, calibration: Calibration) -> Opinion:
    """The opinion on one claim. `sources` has at least one."""
    deciding = min(range(len(sources)), key=lambda number: (sources[number].unknown, number))
    opposing = _opposing(sources, deciding)
    odds = _odds(sources[deciding].supported)
    if opposing is not None:
        odds = (odds + _odds(sources[opposing].supported)) / 2
    score = _probability(calibration.offset + calibration.slope * odds + calibration.of_rules(rules))
    score = round(min(_SCORE_MAX, max(_SCORE_MIN, score)), 4)
    if score >= calibration.threshold:
        return Opinion(Label.SUPPORTED, score, deciding, opposing)
    refuted = rules is Label.REFUTED or sources[deciding].refuted > sources[deciding].unknown
    return Opinion(Label.REFUTED if refuted else Label.NOT_ENOUGH_EVIDENCE, score, deciding, opposing)


def _opposing(sources: Sequence[Probabilities], deciding: int) -> int | None:
    best = sources[deciding]
    for_it = best.supported >= best.refuted
    against = [s.refuted if for_it else s.supported for s in sources]
    most = max(range(len(sources)), key=lambda number: (against[number], -number))
    settles = max(best.supported, best.refuted) >= _OPPOSED_MIN
    return most if settles and most != deciding and against[most] >= _OPPOSED_MIN else None


def _odds(probability: float) -> float:
    kept = min(1 - _SMALLEST, max(_SMALLEST, probability))
    return math.log(kept / (1 - kept))


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
