"""The seam to what gives the probabilities of one pair of claim and evidence, and the model that ships.

A model says of one claim and some sentences how probable it is that they support it, refute it, or settle nothing. It
chooses no sentences and decides no verdict.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from inference.errors import JudgeUnavailable
from inference.freed_memory import give_back_freed_memory
from inference.judges.cross_encoder.calibration import Calibration
from inference.judges.cross_encoder.pair import pair_input
from inference.judges.cross_encoder.reading import Reading
from inference.onnx_runtime import session_of

SHIPPED = Path(__file__).parent / "weights"
SHIPPED_NAME = "touchstone-minilm"

LABELS = ("supported", "refuted", "not_enough_evidence")


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Of one pair; together 1."""

    supported: float
    refuted: float
    unknown: float


@dataclass(frozen=True, slots=True)
class PairText:
    """One pair, as texts and as the tokenizer that ships reads them. `evidence`: sentences, in their order."""

    claim: str
    evidence: tuple[str, ...]
    claim_reading: Reading
    evidence_readings: tuple[Reading, ...]


class ClaimTooLong(Exception):
    """A model cannot read a claim of more than `pieces_max` pieces. No failure: such a claim is declined."""

    def __init__(self, pieces_max: int) -> None:
        super().__init__(f"over {pieces_max} pieces")
        self.pieces_max = pieces_max


class PairModel(Protocol):
    """Gives probabilities. Everything here blocks: callers run it in a thread."""

    name: str

    @property
    def calibration(self) -> Calibration:
        """How its probabilities become a score. Known once it is open."""
        ...

    def open(self) -> None:
        """Loads what needs loading, once. Raises JudgeUnavailable; JudgeUnreadable if a first try gives no answer."""
        ...

    def probabilities(self, pair: PairText) -> Probabilities:
        """The same pair gives the same bits. Raises JudgeUnavailable, JudgeUnreadable and ClaimTooLong."""
        ...


@dataclass(frozen=True, slots=True)
class _Loaded:
    session: Any
    calibration: Calibration


class ShippedModel:
    """The cross-encoder that was trained for Touchstone, from `folder`. Loaded at the first use; needs no PyTorch.

    One pair a run: in 8-bit integers the numbers of a run share one scale, so pairs that run together would change
    each other's last bits. Pairs of different length gain nothing together on a CPU either.
    """

    def __init__(self, folder: Path = SHIPPED, name: str = SHIPPED_NAME) -> None:
        self.name = name
        self._folder = folder

    @property
    def calibration(self) -> Calibration:
        return self._loaded().calibration

    def open(self) -> None:
        self._loaded()

    def probabilities(self, pair: PairText) -> Probabilities:
        import numpy as np  # noqa: PLC0415  0.1 s, which a server that is asked nothing yet does not spend

        given = pair_input(pair.claim_reading, pair.evidence_readings)
        inputs = {"pieces": np.array([given.pieces], np.int64), "types": np.array([given.types], np.int64)}
        logits = self._loaded().session.run(None, inputs)[0][0].astype(np.float64)
        shares = np.exp(logits - logits.max())
        supported, refuted, unknown = (shares / shares.sum()).tolist()
        return Probabilities(supported, refuted, unknown)

    def _loaded(self) -> _Loaded:
        with _LOADING:
            return _load(self._folder)


_LOADING = threading.Lock()


@cache
def _load(folder: Path) -> _Loaded:
    """The model in `folder`, once for the whole process. Raises JudgeUnavailable if it is missing or damaged."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
        with (folder / "model.onnx").open("rb") as weights:
            found = hashlib.file_digest(weights, "sha256").hexdigest()
        if found != config["model_sha256"]:
            raise ValueError("model.onnx is damaged: its checksum is not that of config.json")
        session = session_of(folder / "model.onnx")
        give_back_freed_memory()
        return _Loaded(session, Calibration(**config["calibration"]))
    except Exception as error:  # the libraries below raise the bare class for a damaged file
        remedy = " It is part of Touchstone: install it again." if folder == SHIPPED else " Make or copy it again."
        raise JudgeUnavailable(f"The judge's model in {folder} cannot be loaded ({error}).{remedy}") from error


class ScriptedModel:
    """Says what it was told of each claim and joined evidence; what it was not told settles nothing. For tests."""

    name = "scripted-model"

    def __init__(self, script: Mapping[tuple[str, str], Probabilities]) -> None:
        self._script = script

    calibration = Calibration()

    def open(self) -> None:
        """There is nothing to load."""

    def probabilities(self, pair: PairText) -> Probabilities:
        return self._script.get((pair.claim, " ".join(pair.evidence)), Probabilities(0.05, 0.05, 0.9))
