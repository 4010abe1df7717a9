"""What runs the weights of somebody else's model: ONNX Runtime, or PyTorch where only that can."""

from typing import Protocol

from inference.judges.cross_encoder.custom.folder import Format, ModelFolder
from inference.judges.cross_encoder.custom.onnx_classifier import OnnxClassifier
from inference.judges.cross_encoder.custom.pair_tokens import PairTokens
from inference.judges.cross_encoder.custom.torch_classifier import TorchClassifier


class Classifier(Protocol):
    """Gives the logits of one pair."""

    def logits(self, tokens: PairTokens) -> list[float]:
        """One number a label; the same tokens give the same bits. Raises JudgeUnreadable."""
        ...


def load_classifier(folder: ModelFolder) -> Classifier:
    """Loads the weights. Raises JudgeUnavailable."""
    if folder.format is Format.ONNX:
        return OnnxClassifier(folder.weights)
    return TorchClassifier(folder.path)
