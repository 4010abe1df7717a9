"""A folder with somebody else's cross-encoder, as Hugging Face lays it out: what of it is read, and what is refused.

Read are `config.json`, `tokenizer.json`, the weights, and if they are there `tokenizer_config.json` and
`touchstone.json`. No code of the folder is ever run: a model that needs its own is refused, and so are pickles.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from inference.errors import JudgeUnavailable
from inference.judges.cross_encoder.calibration import Calibration
from inference.judges.cross_encoder.custom.label_roles import label_roles
from inference.judges.cross_encoder.custom.overrides import FILE_NAME, read_overrides
from inference.verdict import Label

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
ONNX = ("model.onnx", "onnx/model.onnx")
SAFETENSORS = "model.safetensors"
SMALL_FILES = (CONFIG, TOKENIZER, "tokenizer_config.json", FILE_NAME)
"""All but the weights."""

TOKENS_MAX = 512
"""Tokens of one pair, unless touchstone.json says otherwise: what these models were trained with, and what a CPU reads
in a fraction of a second."""

_POSITIONS_LOST = dict.fromkeys(("roberta", "xlm-roberta", "camembert", "mpnet", "xlm-roberta-xl"), 2)
"""These count positions from 2 on, so that of 514 positions 512 are tokens."""

_INSTEAD = (
    "What fits: cross-encoders for natural language inference or consistency, such as "
    "cross-encoder/nli-deberta-v3-small; see docs/cpu-judge.md."
)


class Format(StrEnum):
    """How the weights are kept, and with that what runs them."""

    ONNX = "ONNX"
    SAFETENSORS = "safetensors"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What is known of a model before it is loaded."""

    path: Path
    weights: Path
    format: Format
    labels: tuple[str, ...]
    roles: tuple[Label, ...]
    tokens_max: int
    evidence_first: bool
    calibration: Calibration


def read_config(path: Path) -> dict[str, Any]:
    """`config.json` of the folder. Raises JudgeUnavailable."""
    if not path.is_dir():
        raise JudgeUnavailable(
            f"The folder {path} of the judge's model does not exist. Set cpu_judge to a folder that holds a "
            "cross-encoder, to hub:ORG/NAME for a model of the Hugging Face hub, or leave it empty."
        )
    return _read_json(path, CONFIG)


def read_folder(path: Path) -> ModelFolder:
    """Raises JudgeUnavailable if the folder holds no model that can be the judge, and says what would help."""
    config = read_config(path)
    weights = next((path / name for name in (*ONNX, SAFETENSORS) if (path / name).is_file()), None)
    format_ = None if weights is None else Format.SAFETENSORS if weights.name == SAFETENSORS else Format.ONNX
    refuse_unfit(config, str(path), has_onnx=format_ is Format.ONNX)
    if weights is None or format_ is None:
        raise _unusable(path, _no_weights(path))
    if not (path / TOKENIZER).is_file():
        raise _unusable(
            path,
            f"it has no {TOKENIZER}; where transformers is installed, "
            f"AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes it",
        )
    try:
        said = read_overrides(path)
        labels = _labels(config)
        roles = label_roles(labels, said.labels)
    except ValueError as error:
        raise _unusable(path, str(error)) from error
    tokenizer = _read_json(path, "tokenizer_config.json") if (path / "tokenizer_config.json").exists() else {}
    return ModelFolder(
        path=path,
        weights=weights,
        format=format_,
        labels=labels,
        roles=roles,
        tokens_max=said.tokens_max or tokens_max(config, tokenizer),
        evidence_first=said.order == "evidence-claim",
        calibration=said.calibration,
    )


def refuse_unfit(config: Mapping[str, Any], name: str, has_onnx: bool) -> None:
    """Raises JudgeUnavailable for models that `config` shows not to be classifiers of pairs that run as they are."""
    kinds = [str(kind) for kind in config.get("architectures") or []]
    if any(kind.endswith("ForConditionalGeneration") for kind in kinds):
        raise JudgeUnavailable(
            f"{name} cannot be the judge: it writes its answer as text (sequence to sequence, as MiniCheck-Flan-T5 "
            f"does). The RoBERTa and DeBERTa versions of MiniCheck are classifiers and work. {_INSTEAD}"
        )
    if kinds and not any(kind.endswith("ForSequenceClassification") for kind in kinds):
        raise JudgeUnavailable(f"{name} cannot be the judge: {', '.join(kinds)} classifies no pairs. {_INSTEAD}")
    if config.get("auto_map") and not has_onnx:
        raise JudgeUnavailable(
            f"{name} cannot be the judge: it needs Python code of its own (trust_remote_code, as HHEM-2.1-Open does), "
            "and Touchstone runs none that comes with a model. An ONNX export of it that reads a pair works. "
            f"{_INSTEAD}"
        )


def tokens_max(config: Mapping[str, Any], tokenizer_config: Mapping[str, Any]) -> int:
    """How many tokens a pair may have: the least of what the files say, and of our own bound."""
    lost = _POSITIONS_LOST.get(str(config.get("model_type")), 0)
    said = [
        (config.get("max_position_embeddings"), lost),
        (config.get("model_max_length"), 0),
        (tokenizer_config.get("model_max_length"), 0),
    ]
    limits = [int(number) - less for number, less in said if isinstance(number, int | float) and number > less]
    return min([TOKENS_MAX, *limits])


def _labels(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the labels in their order. The library that writes the file leaves out its default: two, unnamed."""
    named = config.get("id2label")
    if not named:
        return tuple(f"LABEL_{number}" for number in range(int(config.get("num_labels") or 2)))
    numbers = sorted(named, key=int)
    if [int(number) for number in numbers] != list(range(len(numbers))):
        raise ValueError(f"id2label of {CONFIG} leaves out a number")
    return tuple(str(named[number]) for number in numbers)


def _no_weights(path: Path) -> str:
    looked = f"it has none of {', '.join((*ONNX, SAFETENSORS))}"
    if not any(path.glob("pytorch_model*.bin")):
        return looked
    return f"{looked}. Its pytorch_model.bin is a pickle, which can run code, and is not read: convert it"


def _read_json(path: Path, name: str) -> dict[str, Any]:
    try:
        found = json.loads((path / name).read_bytes())
    except FileNotFoundError:
        raise _unusable(path, f"it has no {name}") from None
    except (OSError, ValueError) as error:
        raise _unusable(path, f"{name} cannot be read ({error})") from error
    if not isinstance(found, dict):
        raise _unusable(path, f"{name} is no JSON object")
    return found


def _unusable(path: Path, why: str) -> JudgeUnavailable:
    return JudgeUnavailable(f"The model in {path} cannot be the judge: {why}.")
