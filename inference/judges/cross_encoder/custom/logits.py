"""The numbers of a classifier as probabilities of the three things that can be said of a claim. Pure."""

import math
from collections.abc import Sequence

from inference.errors import JudgeUnreadable
from inference.judges.cross_encoder.model import Probabilities
from inference.verdict import Label


def probabilities_of(logits: Sequence[float], roles: Sequence[Label]) -> Probabilities:
    """A softmax over the labels, added up by what they mean; of a single logit the sigmoid. Raises JudgeUnreadable."""
    if len(logits) != len(roles):
        raise JudgeUnreadable(f"the judge's model answered {len(logits)} numbers where it has {len(roles)} labels")
    if not all(map(math.isfinite, logits)):
        raise JudgeUnreadable("the judge's model answered something that is no number (NaN or infinite)")
    if len(logits) == 1:
        supported = _sigmoid(logits[0])
        return Probabilities(supported, 0.0, 1 - supported)
    top = max(logits)
    shares = [math.exp(logit - top) for logit in logits]
    total = sum(shares)

    def of(label: Label) -> float:
        return sum(share for share, role in zip(shares, roles, strict=True) if role is label) / total

    return Probabilities(of(Label.SUPPORTED), of(Label.REFUTED), of(Label.NOT_ENOUGH_EVIDENCE))


def _sigmoid(logit: float) -> float:
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    return math.exp(logit) / (1 + math.exp(logit))
