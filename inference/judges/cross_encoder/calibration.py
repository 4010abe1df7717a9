"""The fixed numbers that turn the model's odds into a probability.

Fitted once, for all domains (`training/calibrate.py`). They lie beside the weights, in `config.json`, because they
belong to them.
"""

from dataclasses import dataclass

from inference.verdict import Label


@dataclass(frozen=True, slots=True)
class Calibration:
    """score = sigmoid(offset + slope * log-odds of the model + what the rules add)."""

    offset: float = 0.0
    slope: float = 1.0
    rules_support: float = 0.0
    """Added to the log-odds where the rules say that the evidence supports the claim."""
    rules_refute: float = 0.0
    """Added where they say that it refutes it: a negative number."""
    threshold: float = 0.5
    """The score from which on a claim counts as supported."""
    doubt: float = 0.15
    """How near the threshold a score says that the judge is unsure."""

    def of_rules(self, label: Label) -> float:
        """What the rules' label adds to the log-odds."""
        if label is Label.SUPPORTED:
            return self.rules_support
        return self.rules_refute if label is Label.REFUTED else 0.0
