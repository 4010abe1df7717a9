"""The model that a person puts into the judge's seat, in place of the one that ships."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

from inference.errors import JudgeUnavailable
from inference.judges.cross_encoder.calibration import Calibration
from inference.judges.cross_encoder.custom.classifier import load_classifier
from inference.judges.cross_encoder.custom.folder import TOKENIZER, ModelFolder, read_config, read_folder
from inference.judges.cross_encoder.custom.logits import probabilities_of
from inference.judges.cross_encoder.custom.pair_tokens import load_tokenizer, pair_tokens
from inference.judges.cross_encoder.model import LABELS, PairModel, PairText, Probabilities, ShippedModel
from inference.judges.cross_encoder.reading import TOKENIZER_FILE

_TRIAL = ("Yes.", "No.")


class CustomModel:
    """The model in the folder that `locate` finds, or fetches. Nothing is read before the first use."""

    def __init__(self, name: str, locate: Callable[[], Path]) -> None:
        self.name = name
        self._locate = locate
        self._opening = threading.Lock()
        self._opened: PairModel | None = None

    @property
    def calibration(self) -> Calibration:
        return self._model().calibration

    def open(self) -> None:
        self._model()

    def probabilities(self, pair: PairText) -> Probabilities:
        return self._model().probabilities(pair)

    def _model(self) -> PairModel:
        with self._opening:
            if self._opened is None:
                self._opened = _open(self.name, self._locate())
            return self._opened


def is_own_format(path: Path) -> bool:
    """Whether the folder holds a model as `training/export.py` writes it. Raises JudgeUnavailable if it holds none."""
    return "model_sha256" in read_config(path)


def _open(name: str, path: Path) -> PairModel:
    model = _own(name, path) if is_own_format(path) else _Foreign(name, read_folder(path))
    model.open()
    return model


def _own(name: str, path: Path) -> PairModel:
    """A model of our own format: it reads words as the one that ships, so it must have the same tokenizer."""
    labels = read_config(path).get("labels")
    if labels != list(LABELS):
        raise JudgeUnavailable(f"The model in {path} cannot be the judge: its labels are {labels}, not {list(LABELS)}.")
    tokenizer = path / TOKENIZER
    if tokenizer.exists() and _digest(tokenizer) != _digest(TOKENIZER_FILE):
        raise JudgeUnavailable(
            f"The model in {path} cannot be the judge: its {TOKENIZER} is not that of the model that ships, and models "
            "of this format share it."
        )
    return ShippedModel(path, name)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


class _Foreign:
    """A cross-encoder as Hugging Face's libraries write it. It is tried once as it is opened, so that a model that
    answers nonsense is found at the start and not at the first question."""

    def __init__(self, name: str, folder: ModelFolder) -> None:
        self.name = name
        self.calibration = folder.calibration
        self._folder = folder
        self._tokenizer = load_tokenizer(folder.path / TOKENIZER)
        self._classifier = load_classifier(folder)

    def open(self) -> None:
        self._say(*_TRIAL)

    def probabilities(self, pair: PairText) -> Probabilities:
        return self._say(pair.claim, *pair.evidence)

    def _say(self, claim: str, *evidence: str) -> Probabilities:
        folder = self._folder
        tokens = pair_tokens(
            self._tokenizer,
            claim,
            evidence,
            tokens_max=folder.tokens_max,
            evidence_first=folder.evidence_first,
        )
        return probabilities_of(self._classifier.logits(tokens), folder.roles)
