"""Which language model fits a GPU, and how to start it. Pure, but for reading the table of models that ships."""

import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.engine.gpu import GIB, Gpu

CONTEXT_TOKENS = 16_384
"""Tokens of context, over all requests at once, that there has to be room for: one long document, or several short."""

OVERHEAD_BYTES = 2_000_000_000
"""Of what else vLLM keeps on the GPU: activations, graphs, the libraries of the driver."""

SHARE = 0.9
"""Of the GPU's memory is what vLLM takes."""

TABLE = Path(__file__).with_name("language_models.toml")


@dataclass(frozen=True, slots=True)
class Recommended:
    """A model of the table. Sizes are in bytes."""

    id: str
    weights: int
    cache_per_token: int

    @property
    def memory(self) -> int:
        """Bytes of GPU memory that it needs."""
        needed = self.weights + OVERHEAD_BYTES + CONTEXT_TOKENS * self.cache_per_token
        return int(needed / SHARE)


@functools.cache
def recommended() -> tuple[Recommended, ...]:
    """The table, from small to large."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["model"]
    return tuple(
        Recommended(row["id"], int(row["weights_gb"] * 1e9), int(row["cache_kb_per_token"] * 1e3)) for row in rows
    )


def fitting(gpu: Gpu, models: Sequence[Recommended]) -> Recommended | None:
    """The largest of `models` that fits what is free on the GPU."""
    return max((model for model in models if model.memory <= gpu.free), key=lambda model: model.memory, default=None)


def advice(gpus: Sequence[Gpu], has_vllm: bool) -> str:
    """What to tell somebody whose machine has `gpus` and who has named no model; empty if there is nothing to tell."""
    if not gpus:
        return ""
    gpu = max(gpus, key=lambda gpu: gpu.free)
    room = f"{gpu.name} with {gpu.free / GIB:.0f} GiB free of {gpu.memory / GIB:.0f}"
    model = fitting(gpu, recommended())
    if model is None:
        least = min(model.memory for model in recommended())
        return f"There is a GPU ({room}), but too little of it is free for a language model ({least / GIB:.0f} GiB)."
    install = "" if has_vllm else " after: pip install 'touchstone[vllm]'"
    return (
        f"There is a GPU ({room}) and no language model. {model.id} would fit, "
        f"{model.weights / 1e9:.1f} GB to download: touchstone serve --model {model.id}{install}"
    )
