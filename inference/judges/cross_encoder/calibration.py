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
    """score = sigmoid(offset + slope * log-odds of the model + nearness * cosine + what the rules add)."""

    offset: float = 0.0
    slope: float = 1.0
    nearness: float = 0.0
    """Times how near the words of the claim are to those read (cosine of their mean vectors, -1 to 1)."""
    rules_support: float = 3.0
    """Added to the log-odds where the rules say that the evidence supports the claim. They seldom decide, and are right
    then far more often than the model: against its doubt they settle the claim, against its certainty they do not."""
    rules_refute: float = -3.0
    """Added where they say that it refutes it."""
    rules_undecided: float = 0.0
    """Times the log-odds of what of the claim a sentence covers, where the rules cannot decide."""
    threshold: float = 0.5
    """The score from which on a claim counts as supported."""
    doubt: float = 0.1
    """How near the threshold a score says that the judge is unsure."""

    def combined(self, model: float, near: float, rules: Judgement) -> float:
        """The log-odds that the claim is supported, from those of the model, nearness, and what the rules say."""
        return self.offset + self.slope * model + self.nearness * near + self._of_rules(rules)

    def _of_rules(self, rules: Judgement) -> float:
        if rules.label is Label.SUPPORTED:
            return self.rules_support
        if rules.label is Label.REFUTED:
            return self.rules_refute
        return self.rules_undecided * covered_odds(rules)


def covered_odds(rules: Judgement) -> float:
    """How much of an undecided claim the best sentence covers, as log-odds around the middle."""
    return odds(rules.score if rules.score is not None else _UNDECIDED) - odds(_UNDECIDED)
