"""Examples as the tensors that the model reads."""

from collections.abc import Sequence

import torch
from torch import Tensor

from training.examples import Example


def tensors(batch: Sequence[Example], device: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What the model reads of a batch, and what its labels allow.

    `pieces` and `types`, int64 [pairs, length], padded with 0 to the longest; `mask`, bool [pairs, length], true where
    there is no padding; `allowed`, float [pairs, 3], 1 for each class that would be right.
    """
    length = max(len(example.pieces) for example in batch)
    pieces = torch.zeros(len(batch), length, dtype=torch.long)
    types = torch.zeros(len(batch), length, dtype=torch.long)
    mask = torch.zeros(len(batch), length, dtype=torch.bool)
    for row, example in enumerate(batch):
        size = len(example.pieces)
        pieces[row, :size] = torch.tensor(example.pieces)
        types[row, :size] = torch.tensor(example.types)
        mask[row, :size] = True
    allowed = torch.tensor([[example.allowed >> bit & 1 for bit in range(3)] for example in batch])
    return pieces.to(device), types.to(device), mask.to(device), allowed.to(device, torch.float32)
