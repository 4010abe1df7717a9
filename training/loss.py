"""The loss: how unlikely the model finds all the classes that a label allows."""

import torch
from torch import Tensor

LABEL_SMOOTHING = 0.03


def loss_of(logits: Tensor, allowed: Tensor) -> Tensor:
    """Mean over the pairs of -log P(allowed classes), a little smoothed.

    `logits`, float [pairs, 3]; `allowed`, float [pairs, 3] of 0 and 1. A scalar.
    """
    log_p = torch.log_softmax(logits.float(), -1)
    right = torch.logsumexp(log_p + torch.log(allowed.clamp(min=1e-9)), -1)
    return -((1 - LABEL_SMOOTHING) * right + LABEL_SMOOTHING * log_p.mean(-1)).mean()
