"""Check of the language models to start: whether they are here, whether they fit, and what would be downloaded."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from inference.engine.child.spec import ModelSpec, missing_folder, read_models
from inference.engine.gpu import GIB, Gpu, GpuUnknown, gpus
from inference.errors import SettingsError
from server.doctor.finding import Finding, Status, fine, wrong
from server.doctor.hub import HubModel, Look, look_up
from server.settings import Settings

NAME = "language model"
MARGIN = 1.2
"""What a model needs of the GPU's memory beside its weights, at the least: 20 per cent for activations and context."""

Query = Callable[[], tuple[Gpu, ...]]


async def models(settings: Settings, offline: bool, query: Query = gpus, look: Look = look_up) -> list[Finding]:
    """One finding a model; one that says "off" if there is none."""
    if not settings.model:
        return [Finding(NAME, Status.OFF, "none to start (--model)")]
    try:
        specs = read_models(settings.model)
    except SettingsError as error:
        return [wrong(NAME, error.message, "mend --model")]
    free = await asyncio.to_thread(_free_memory, query)
    return [await asyncio.to_thread(_model, spec, free, offline, look) for spec in specs]


def _free_memory(query: Query) -> int:
    """Bytes free on all GPUs together; 0 where there is none, or none that answers."""
    try:
        return sum(gpu.free for gpu in query())
    except GpuUnknown:
        return 0


def _model(spec: ModelSpec, free: int, offline: bool, look: Look) -> Finding:
    name = f"{NAME} {spec.name}"
    if missing_folder(spec):
        return wrong(name, f"there is no folder {spec.source}", "give --model a folder that is there")
    if spec.is_folder:
        return _folder(name, Path(spec.source), free)
    return _of_hub(name, look(spec.source, offline), free, offline)


def _folder(name: str, folder: Path, free: int) -> Finding:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = ", ".join(config.get("architectures") or ["architecture not said"])
    except (OSError, ValueError, AttributeError) as error:
        remedy = "give a folder with config.json, weights and tokenizer, as the hub has them"
        return wrong(name, f"{folder} is no folder of a model (config.json: {error})", remedy)
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors")) or sum(
        file.stat().st_size for file in folder.glob("*.bin")
    )
    if not size:
        return wrong(name, f"{folder} has no weights (*.safetensors)", "copy or download the weights into it")
    return _fits(name, f"{folder}; {kind}, {_gb(size)}", size, free)


def _of_hub(name: str, model: HubModel, free: int, offline: bool) -> Finding:
    if model.problem:
        return wrong(name, model.problem, model.remedy)
    if model.cached:
        return _fits(name, f"downloaded already, {_gb(model.size)}", model.size, free)
    if model.size is None and offline:
        return Finding(name, Status.SKIPPED, "not downloaded yet; its size was not asked for (--offline)")
    if model.size is None:
        return fine(name, "to download when `touchstone serve` starts; the hub does not say its size")
    room = shutil.disk_usage(next(path for path in (model.cache, *model.cache.parents) if path.exists())).free
    if room < model.size:
        remedy = "free some room, set HF_HOME to another disk, or take a smaller model"
        return wrong(name, f"{_gb(model.size)} to download, {_gb(room)} free in {model.cache}", remedy)
    return _fits(name, f"{_gb(model.size)} to download when `touchstone serve` starts", model.size, free)


def _fits(name: str, detail: str, size: int | None, free: int) -> Finding:
    if size and free and size * MARGIN > free:
        return wrong(
            name,
            f"{detail}; too large for the GPU memory that is free ({free / GIB:.0f} GiB)",
            "take a smaller or a quantised model (docs/engine.md has a table), or free the GPU",
            weights_bytes=size,
        )
    return fine(name, detail, weights_bytes=size)


def _gb(size: int | None) -> str:
    return "size not known" if size is None else f"{size / 1e9:.1f} GB" if size > 1e8 else f"{size / 1e6:.1f} MB"
