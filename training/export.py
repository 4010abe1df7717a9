"""Makes the folder that ships from trained weights: int8 ONNX, tokenizer, configuration.

Fused by onnxruntime's optimiser, weights in 7 bits (a CPU with AVX2 but without VNNI cuts the sums of 8-bit products
off, and would answer otherwise than others). Refuses to write a model whose balanced accuracy on the held-out pairs is
half a point below that of the 32-bit one, or whose answers differ on more than a few of them.
"""

import argparse
import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from safetensors.torch import load_file
from tokenizers import Tokenizer

from inference.onnx_runtime import session_of
from training.base import base_folder
from training.examples import Example, load_examples
from training.model import LABELS, CrossEncoder
from training.pairs import SUPPORTED
from training.tensors import tensors

OPSET = 17
LOSS_MAX = 0.005  # of balanced accuracy, by quantising
COMPARED = 2_000


class _AsServed(torch.nn.Module):
    """One pair without padding: pieces and types in, logits out."""

    def __init__(self, model: CrossEncoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, pieces: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(pieces, types, torch.ones_like(pieces, dtype=torch.bool))
        return logits


def export(weights: Path, target: Path, scratch: Path) -> None:
    """The weights as int8 ONNX in the file `target`."""
    model = CrossEncoder()
    model.load_state_dict(load_file(weights))
    model.eval()
    plain, fused = scratch / "plain.onnx", scratch / "fused.onnx"
    example = torch.ones(1, 8, dtype=torch.long)
    torch.onnx.export(
        _AsServed(model),
        (example, example),
        str(plain),
        input_names=["pieces", "types"],
        output_names=["logits"],
        dynamic_axes={name: {0: "pairs", 1: "length"} for name in ("pieces", "types")},
        opset_version=OPSET,
        dynamo=False,
    )
    optimised = optimize_model(
        str(plain), "bert", num_heads=12, hidden_size=384, optimization_options=FusionOptions("bert")
    )
    print("fused:", {name: count for name, count in optimised.get_fused_operator_statistics().items() if count})
    optimised.save_model_to_file(str(fused))
    quantize_dynamic(
        fused,
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def logits_of(model: Path, examples: Sequence[Example]) -> NDArray[np.float32]:
    """Logits [examples, 3], one pair a run as the server does."""
    session = session_of(model)
    rows = [session.run(None, {"pieces": np.array([e.pieces]), "types": np.array([e.types])})[0][0] for e in examples]
    return np.stack(rows)


@torch.no_grad()
def exact_logits(weights: Path, examples: Sequence[Example]) -> NDArray[np.float32]:
    """Logits [examples, 3] of the 32-bit model."""
    model = CrossEncoder()
    model.load_state_dict(load_file(weights))
    model.eval()
    return np.stack([model(*tensors([example], "cpu")[:3])[0].numpy() for example in examples])


def odds(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-odds of supported against the rest, [examples]."""
    wide = logits.astype(np.float64)
    return np.asarray(wide[:, 0] - np.logaddexp(wide[:, 1], wide[:, 2]))


def balanced(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Balanced accuracy of "supported" at the threshold that is best for these scores."""

    def at(threshold: float) -> float:
        said = scores >= threshold
        return float(((said & truth).sum() / truth.sum() + (~said & ~truth).sum() / (~truth).sum()) / 2)

    return max(map(at, np.quantile(scores, np.linspace(0.02, 0.98, 97))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--loss-max", type=float, default=LOSS_MAX, help="of balanced accuracy, by quantising")
    given = parser.parse_args()
    held = load_examples(given.prepared / "held_out.jsonl")
    if not held:
        raise SystemExit(f"{given.prepared} holds no pairs to measure on")
    held = random.Random(1).sample(held, min(COMPARED, len(held)))
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "model.onnx"
        export(given.weights, made, Path(scratch))
        ours, exact = odds(logits_of(made, held)), odds(exact_logits(given.weights, held))
        truth = np.array([example.allowed == SUPPORTED for example in held])
        before, after = balanced(exact, truth), balanced(ours, truth)
        print(f"balanced accuracy on {len(held)} held-out pairs: 32-bit {before:.4f}, int8 {after:.4f}")
        print(f"log-odds differ by {np.abs(ours - exact).mean():.3f} on average")
        if before - after > given.loss_max:
            raise SystemExit(f"quantising costs {before - after:.4f}, more than {given.loss_max}: nothing was written")
        shutil.copyfile(made, given.out / "model.onnx")
    tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(given.out / "tokenizer.json"), pretty=False)
    config = {
        "calibration": {},
        "name": "touchstone-minilm-1",
        "labels": LABELS,
        "licence": "Apache-2.0",
        "model_sha256": hashlib.sha256((given.out / "model.onnx").read_bytes()).hexdigest(),
        "held_out": {"pairs": len(held), "balanced_accuracy_32_bit": before, "balanced_accuracy_int8": after},
    }
    (given.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main()
