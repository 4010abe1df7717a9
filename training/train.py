"""Trains the cross-encoder on a prepared mixture, for a given number of minutes, and keeps the last weights.

The learning rate follows the clock: up in the first hundredth, then down along a cosine to zero at the end, so that
the same command suits two cores and a GPU. The loss is the negative log of the probability of all classes that the
label allows. Word embeddings are kept as they are: they are half of the weights, few of them are met in training, and
a word that is not must still mean what it meant. Examples of like length are batched together.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from training.base import base_folder, check_base
from training.model import CrossEncoder, from_base
from training.runs import RunLog

TOKENS_OF_BATCH = 1_600
RATE_MAX = 8e-5
RATE_HEAD = 4.0  # times the rate of the rest: the head starts from nothing
WARM_UP_SHARE = 0.02
WEIGHT_DECAY = 0.01
GRADIENT_NORM_MAX = 1.0
POOL = 1_500  # examples sorted by length at a time
LABEL_SMOOTHING = 0.03
HELD_OUT_MAX = 1_200
SEED = 7


@dataclass(frozen=True, slots=True)
class Example:
    """One prepared pair."""

    pieces: tuple[int, ...]
    types: tuple[int, ...]
    allowed: int
    source: str


def load_examples(path: Path) -> list[Example]:
    """The examples of one prepared file."""
    with path.open() as lines:
        return [
            Example(tuple(r["pieces"]), tuple(r["types"]), r["allowed"], r["source"]) for r in map(json.loads, lines)
        ]


def tensors(batch: Sequence[Example], device: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """pieces, types, mask [pairs, length] and the allowed classes as 0/1 [pairs, 3]."""
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


def batches(rng: random.Random, examples: Sequence[Example]) -> Iterator[list[Example]]:
    """Batches of about TOKENS_OF_BATCH tokens without end, each pass in a new order."""
    while True:
        order = list(examples)
        rng.shuffle(order)
        for start in range(0, len(order), POOL):
            pool = sorted(order[start : start + POOL], key=lambda e: (len(e.pieces), rng.random()))
            cut: list[list[Example]] = [[]]
            for example in pool:
                if cut[-1] and (len(cut[-1]) + 1) * len(example.pieces) > TOKENS_OF_BATCH:
                    cut.append([])
                cut[-1].append(example)
            rng.shuffle(cut)
            yield from cut


def loss_of(logits: Tensor, allowed: Tensor) -> Tensor:
    """Mean over the pairs of -log P(allowed classes), a little smoothed."""
    log_p = torch.log_softmax(logits.float(), -1)
    right = torch.logsumexp(log_p + torch.log(allowed.clamp(min=1e-9)), -1)
    return -((1 - LABEL_SMOOTHING) * right + LABEL_SMOOTHING * log_p.mean(-1)).mean()


def rate_at(share: float) -> float:
    """The learning rate, as a share of its maximum, when `share` of the time is over."""
    if share < WARM_UP_SHARE:
        return share / WARM_UP_SHARE
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (share - WARM_UP_SHARE) / (1 - WARM_UP_SHARE))))


@torch.no_grad()
def measure(model: CrossEncoder, examples: Sequence[Example], device: str) -> dict[str, tuple[int, float, float]]:
    """Per source: n, share right (three classes, any allowed one), balanced accuracy of supported against the rest."""
    model.eval()
    found: dict[str, list[tuple[bool, bool, bool]]] = {}
    ordered = sorted(examples, key=lambda e: len(e.pieces))
    for start in range(0, len(ordered), 32):
        batch = ordered[start : start + 32]
        pieces, types, mask, _ = tensors(batch, device)
        guesses = model(pieces, types, mask).argmax(-1).tolist()
        for example, guess in zip(batch, guesses, strict=True):
            row = (bool(example.allowed >> guess & 1), example.allowed == 1, guess == 0)
            found.setdefault(example.source, []).append(row)
            found.setdefault("all", []).append(row)
    model.train()
    return {source: (len(rows), sum(r[0] for r in rows) / len(rows), _balanced(rows)) for source, rows in found.items()}


def _balanced(rows: Sequence[tuple[bool, bool, bool]]) -> float:
    sides = [[said == is_so for _, is_so, said in rows if is_so == side] for side in (True, False)]
    shares = [sum(side) / len(side) for side in sides if side]
    return sum(shares) / len(shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=80.0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    check_base()
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    examples = load_examples(given.prepared / "train.jsonl")
    held = load_examples(given.prepared / "held_out.jsonl")
    held = rng.sample(held, min(HELD_OUT_MAX, len(held)))
    model = from_base(base_folder() / "model.safetensors").to(given.device)
    model.words.weight.requires_grad_(False)
    head = [*model.hidden.parameters(), *model.classes.parameters(), *model.types.parameters()]
    of_head = {id(p) for p in head}
    body = [p for p in model.parameters() if p.requires_grad and id(p) not in of_head]
    groups = [{"params": body, "times": 1.0}, {"params": head, "times": RATE_HEAD}]
    optimizer = torch.optim.AdamW(groups, lr=RATE_MAX, weight_decay=WEIGHT_DECAY)
    log = RunLog(given.out / "log.jsonl", vars(given) | {"examples": len(examples), "rate_max": RATE_MAX})
    train(model, optimizer, batches(rng, examples), held, given, log)
    given.out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, given.out / "model.safetensors")


def train(
    model: CrossEncoder,
    optimizer: torch.optim.Optimizer,
    source: Iterator[list[Example]],
    held: Sequence[Example],
    given: argparse.Namespace,
    log: RunLog,
) -> None:
    """Steps until the time is over, measuring on `held` eight times on the way and at the end."""
    start = time.monotonic()
    seen, step, smooth, measured = 0, 0, None, 0
    model.train()
    while (share := (time.monotonic() - start) / 60 / given.minutes) < 1:
        batch = next(source)
        for group in optimizer.param_groups:
            group["lr"] = RATE_MAX * rate_at(share) * group["times"]
        pieces, types, mask, allowed = tensors(batch, given.device)
        loss = loss_of(model(pieces, types, mask), allowed)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM_MAX)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seen, step = seen + len(batch), step + 1
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        if step % 50 == 0:
            log.write(step=step, seen=seen, share=round(share, 3), loss=round(smooth, 4))
        if share > (measured + 1) / 8:
            measured += 1
            log.write(step=step, seen=seen, held_out=measure(model, held[:400], given.device))
            save_file({k: v.contiguous() for k, v in model.state_dict().items()}, given.out / "checkpoint.safetensors")
    log.write(step=step, seen=seen, held_out=measure(model, held, given.device))


if __name__ == "__main__":
    main()
