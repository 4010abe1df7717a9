"""Trains the cross-encoder on a prepared mixture, for a given number of minutes, and keeps the last weights.

The learning rate follows the clock (`rate`), so that the same command suits two cores and a GPU. Word embeddings are
kept as they are: they are half of the weights, few of them are met in training, and a word that is not must still mean
what it meant. With `--weights` a second stage goes on from where a first one ended, usually with a lower `--rate-max`
and another `--seed`, which orders the examples anew; the held-out pairs stay the same.
"""

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from training.base import base_folder, check_base
from training.batches import batches
from training.examples import Example, load_examples
from training.loss import loss_of
from training.measuring import measure
from training.model import CrossEncoder, from_base
from training.rate import rate_at
from training.runs import RunLog
from training.tensors import tensors

MINUTES = 80.0
RATE_MAX = 8e-5
RATE_HEAD = 4.0  # times the rate of the rest: the head starts from nothing
WEIGHT_DECAY = 0.01
GRADIENT_NORM_MAX = 1.0
HELD_OUT_MAX = 1_200
HELD_OUT_ON_THE_WAY = 400
MEASURED_ON_THE_WAY = 8
LOGGED_EVERY = 50  # steps
SEED = 7


@dataclass(frozen=True, slots=True)
class Stage:
    """How long and how fast one run of `train` learns, where, and the folder that it writes to."""

    minutes: float
    rate_max: float
    device: str
    out: Path


def optimizer_of(model: CrossEncoder, rate_max: float) -> torch.optim.Optimizer:
    """AdamW over what is trained; each group says in `times` how its rate stands to that of the rest."""
    head = [*model.hidden.parameters(), *model.classes.parameters(), *model.types.parameters()]
    of_head = {id(p) for p in head}
    body = [p for p in model.parameters() if p.requires_grad and id(p) not in of_head]
    groups = [{"params": body, "times": 1.0}, {"params": head, "times": RATE_HEAD}]
    return torch.optim.AdamW(groups, lr=rate_max, weight_decay=WEIGHT_DECAY)


def start_of(weights: Path | None) -> CrossEncoder:
    """The model as a run begins: with the weights of an earlier run, or else those of the base and a fresh head."""
    if weights is None:
        check_base()
        model = from_base(base_folder() / "model.safetensors")
    else:
        model = CrossEncoder()
        model.load_state_dict(load_file(weights))
    model.words.weight.requires_grad_(False)
    return model


def save(model: CrossEncoder, path: Path) -> None:
    """Writes all weights, the frozen ones too."""
    save_file({name: values.contiguous() for name, values in model.state_dict().items()}, path)


def train(
    model: CrossEncoder,
    optimizer: torch.optim.Optimizer,
    source: Iterator[list[Example]],
    held: Sequence[Example],
    stage: Stage,
    log: RunLog,
) -> None:
    """Steps until the time is over, measuring on `held` eight times on the way and at the end."""
    start = time.monotonic()
    seen, step, smooth, measured = 0, 0, None, 0
    model.train()
    while (share := (time.monotonic() - start) / 60 / stage.minutes) < 1:
        batch = next(source)
        for group in optimizer.param_groups:
            group["lr"] = stage.rate_max * rate_at(share) * group["times"]
        loss = _step(model, optimizer, batch, stage.device)
        seen, step = seen + len(batch), step + 1
        smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
        if step % LOGGED_EVERY == 0:
            log.write(step=step, seen=seen, share=round(share, 3), loss=round(smooth, 4))
        if share > (measured + 1) / MEASURED_ON_THE_WAY:
            measured += 1
            log.write(step=step, seen=seen, held_out=measure(model, held[:HELD_OUT_ON_THE_WAY], stage.device))
            save(model, stage.out / "checkpoint.safetensors")
    log.write(step=step, seen=seen, held_out=measure(model, held, stage.device))


def _step(model: CrossEncoder, optimizer: torch.optim.Optimizer, batch: Sequence[Example], device: str) -> float:
    pieces, types, mask, allowed = tensors(batch, device)
    loss = loss_of(model(pieces, types, mask), allowed)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM_MAX)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.item())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path, help="folder that prepare has written")
    parser.add_argument("out", type=Path, help="folder for model.safetensors and log.jsonl")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument(
        "--weights", type=Path, help="go on from model.safetensors of an earlier run, not from the base"
    )
    parser.add_argument("--rate-max", type=float, default=RATE_MAX, help="the highest learning rate (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of the order of the examples and of dropout")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    if given.weights is not None and not given.weights.is_file():
        parser.error(f"there are no weights in {given.weights}")
    torch.manual_seed(given.seed)
    examples = load_examples(given.prepared / "train.jsonl")
    if not examples:
        raise SystemExit(f"{given.prepared} holds no examples to learn from")
    held = load_examples(given.prepared / "held_out.jsonl")
    held = random.Random(SEED).sample(held, min(HELD_OUT_MAX, len(held)))
    model = start_of(given.weights).to(given.device)
    optimizer = optimizer_of(model, given.rate_max)
    log = RunLog(given.out / "log.jsonl", vars(given) | {"examples": len(examples)})
    stage = Stage(given.minutes, given.rate_max, given.device, given.out)
    train(model, optimizer, batches(random.Random(given.seed), examples), held, stage, log)
    save(model, given.out / "model.safetensors")


if __name__ == "__main__":
    main()
