"""The fixed numbers that turn two opinions, the model's and the rules', into one probability.

Fitted once, for all domains (`training/calibrate.py`). They lie beside the weights, in `config.json`, because they
belong to them.
"""

from dataclasses import dataclass

from inference.judges.cross_encoder.odds import odds
from inference.verdict import Judgement, Label

_UNDECIDED = 0.3
"""About the middle of the scores that the rules give what they cannot decide: the more of a claim stands in a sentence,
the higher. From here it counts for the claim or against it."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """score = sigmoid(offset + slope * log-odds of the model + what the rules add)."""

    offset: float = 0.0
    slope: float = 1.0
    rules_support: float = 2.0
    """Added to the log-odds where the rules say that the evidence supports the claim."""
    rules_refute: float = -2.0
    """Added where they say that it refutes it."""
    rules_undecided: float = 0.0
    """Times the log-odds of what of the claim a sentence covers, where the rules cannot decide."""
    threshold: float = 0.5
    """The score from which on a claim counts as supported."""
    doubt: float = 0.1
    """How near the threshold a score says that the judge is unsure."""

    def combined(self, model: float, rules: Judgement) -> float:
        """The log-odds that the claim is supported, from those of the model and from what the rules say."""
        return self.offset + self.slope * model + self._of_rules(rules)

    def _of_rules(self, rules: Judgement) -> float:
        if rules.label is Label.SUPPORTED:
            return self.rules_support
        if rules.label is Label.REFUTED:
            return self.rules_refute
        return self.rules_undecided * covered_odds(rules)


def covered_odds(rules: Judgement) -> float:
    """How much of an undecided claim the best sentence covers, as log-odds around the middle."""
    return odds(rules.score if rules.score is not None else _UNDECIDED) - odds(_UNDECIDED)
