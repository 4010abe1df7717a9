"""Runs a classifier that is kept as ONNX. Needs no PyTorch."""

from pathlib import Path

from inference.errors import JudgeUnavailable, JudgeUnreadable
from inference.judges.cross_encoder.custom.pair_tokens import PairTokens
from inference.onnx_runtime import session_of

_INPUTS = {"input_ids": "ids", "attention_mask": "mask", "token_type_ids": "types"}
_NUMBERS = {"tensor(int64)": "int64", "tensor(int32)": "int32"}


class OnnxClassifier:
    """The graph in `weights`, on one thread: the sums keep their order. Raises JudgeUnavailable."""

    def __init__(self, weights: Path) -> None:
        try:
            self._session = session_of(weights)
        except Exception as error:  # the library raises classes of its own without a common root
            raise JudgeUnavailable(f"The judge's model {weights} cannot be loaded ({error}).") from error
        self._inputs = {given.name: given.type for given in self._session.get_inputs()}
        strange = sorted(name for name, kind in self._inputs.items() if name not in _INPUTS or kind not in _NUMBERS)
        if strange or "input_ids" not in self._inputs:
            raise JudgeUnavailable(
                f"The judge's model {weights} asks for {', '.join(sorted(self._inputs))}; a classifier of pairs asks "
                f"for whole numbers named {', '.join(_INPUTS)}, and nothing else."
            )

    def logits(self, tokens: PairTokens) -> list[float]:
        """The first output of the graph, for one pair."""
        import numpy as np  # noqa: PLC0415  loaded with the model, not with the command line

        fed = {name: np.array([getattr(tokens, _INPUTS[name])], _NUMBERS[kind]) for name, kind in self._inputs.items()}
        try:
            found = np.asarray(self._session.run(None, fed)[0])
            numbers = found.astype(np.float64)
        except Exception as error:  # as above; among them a graph whose shapes do not fit together
            raise JudgeUnreadable(f"the judge's model gave no answer ({error})") from error
        if found.ndim != 2 or found.shape[0] != 1:
            raise JudgeUnreadable(f"the judge's model answered numbers of shape {found.shape}, not one row of logits")
        return [float(number) for number in numbers[0]]
