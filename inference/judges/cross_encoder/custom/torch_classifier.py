"""Runs a classifier that is kept as safetensors, with PyTorch and transformers: an extra, not installed by default."""

from pathlib import Path

from inference.errors import JudgeUnavailable, JudgeUnreadable
from inference.judges.cross_encoder.custom.pair_tokens import PairTokens

EXTRA = "touchstone[transformers]"


class TorchClassifier:
    """The model in `folder`, on one thread, in 32 bits. Raises JudgeUnavailable."""

    def __init__(self, folder: Path) -> None:
        try:
            # Optional, 1 GB, and seconds to import: only for who has no ONNX file of the model.
            import torch  # noqa: PLC0415
            from transformers import AutoModelForSequenceClassification  # noqa: PLC0415
        except ImportError as error:
            raise JudgeUnavailable(
                f"The model in {folder} is kept as safetensors, which needs PyTorch and transformers ({error}). "
                f'Install them with: pip install "{EXTRA}". Or put the model there as model.onnx, which needs neither.'
            ) from error
        torch.set_num_threads(1)  # the sums keep their order; nothing else here uses PyTorch
        try:
            model = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
            )
        except Exception as error:  # whatever a damaged or unknown model makes the library raise
            raise JudgeUnavailable(f"The judge's model in {folder} cannot be loaded ({error}).") from error
        self._torch = torch
        self._model = model.eval()
        self._typed = int(getattr(model.config, "type_vocab_size", 0) or 0) > 1

    def logits(self, tokens: PairTokens) -> list[float]:
        fed = {"input_ids": tokens.ids, "attention_mask": tokens.mask}
        if self._typed:
            fed["token_type_ids"] = tokens.types
        try:
            with self._torch.inference_mode():
                found = self._model(**{name: self._torch.tensor([row]) for name, row in fed.items()}).logits
        except Exception as error:  # as above
            raise JudgeUnreadable(f"the judge's model gave no answer ({error})") from error
        if found.ndim != 2 or found.shape[0] != 1:
            raise JudgeUnreadable(f"the judge's model answered numbers of shape {tuple(found.shape)}, not logits")
        return [float(number) for number in found[0]]
