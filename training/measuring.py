"""How good the model is on pairs that it was not trained on, while it is being trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from training.examples import Example
from training.model import CrossEncoder
from training.pairs import SUPPORTED
from training.tensors import tensors

_BATCH = 32


@dataclass(frozen=True, slots=True)
class _Row:
    right: bool  # the likeliest class is one that the label allows
    supported: bool
    said_supported: bool


@torch.no_grad()
def measure(model: CrossEncoder, examples: Sequence[Example], device: str) -> dict[str, tuple[int, float, float]]:
    """Per source, and for "all": n, share right (three classes, any allowed one), balanced accuracy of supported.

    Asks the model for logits [pairs, 3], with dropout off, and puts it back to training.
    """
    model.eval()
    found: dict[str, list[_Row]] = {}
    ordered = sorted(examples, key=lambda e: len(e.pieces))
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        pieces, types, mask, _ = tensors(batch, device)
        guesses = model(pieces, types, mask).argmax(-1).tolist()
        for example, guess in zip(batch, guesses, strict=True):
            row = _Row(bool(example.allowed >> guess & 1), example.allowed == SUPPORTED, guess == 0)
            found.setdefault(example.source, []).append(row)
            found.setdefault("all", []).append(row)
    model.train()
    return {
        source: (len(rows), sum(row.right for row in rows) / len(rows), _balanced(rows))
        for source, rows in found.items()
    }


def _balanced(rows: Sequence[_Row]) -> float:
    sides = [[row.said_supported == side for row in rows if row.supported == side] for side in (True, False)]
    shares = [sum(side) / len(side) for side in sides if side]
    return sum(shares) / len(shares)
