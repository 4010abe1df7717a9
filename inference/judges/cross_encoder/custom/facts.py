"""What can be said of the model in a folder without loading it: for people who want to know what judges."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from inference.errors import JudgeUnavailable
from inference.judges.cross_encoder.custom.folder import read_config, read_folder
from inference.judges.cross_encoder.custom.model import is_own_format

NOT_STATED = "not stated in the folder"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """`checksum`: whether the weights are those that the configuration names; None if it names none."""

    folder: Path
    format: str
    licence: str
    weights_bytes: int
    labels: tuple[str, ...]
    tokens_max: int | None
    checksum: bool | None


def facts_of(path: Path) -> ModelFacts:
    """Raises JudgeUnavailable if the folder holds no model that can be the judge."""
    config = read_config(path)
    licence = str(config.get("licence") or config.get("license") or NOT_STATED)
    if not is_own_format(path):
        found = read_folder(path)
        means = tuple(f"{name} = {role}" for name, role in zip(found.labels, found.roles, strict=True))
        size = found.weights.stat().st_size
        return ModelFacts(path, str(found.format), licence, size, means, found.tokens_max, None)
    weights = path / "model.onnx"
    try:
        content = weights.read_bytes()
    except OSError as error:
        raise JudgeUnavailable(f"The judge's model {weights} cannot be read ({error}).") from error
    same = hashlib.sha256(content).hexdigest() == config["model_sha256"]
    labels = tuple(map(str, config.get("labels", ())))
    return ModelFacts(path, "Touchstone's own, ONNX", licence, len(content), labels, None, same)
