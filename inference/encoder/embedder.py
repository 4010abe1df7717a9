"""The encoder that ships: texts to embeddings, directions in which nearness is nearness of meaning.

all-MiniLM-L6-v2 in 8-bit integers, on the CPU (see NOTICE and `training/export_embedder.py`). Promises: the same text
gives the same bits, whatever it is embedded beside, in whichever thread; no text is cut off unless
`embed_beginnings` is what was called. Everything here blocks: call it through `asyncio.to_thread`.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.errors import EncoderUnavailable, TooLarge
from inference.freed_memory import give_back_freed_memory
from inference.onnx_runtime import session_of
from inference.text.tokenizer import shared_tokenizer

if TYPE_CHECKING:  # numpy takes 0.1 s to import, and a server that is asked nothing yet needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Embeddings = NDArray[np.float32]
    """A row of DIMENSIONS for each text, of length 1: the product of two rows is the cosine of their angle."""

WEIGHTS = Path(__file__).parent / "weights" / "embedder"

WEIGHTS_FILE = "model.onnx"

DIMENSIONS = 384

TOKENS_MAX = 256
"""Tokens of one text, the two that mark its ends included: what the model was published with."""

TEXT_CHARS_MAX = 25_600
"""Characters of one text. The tokenizer's longest word has 100, so a text over this is over TOKENS_MAX or is no words.
It bounds the work of finding out."""

TEXTS_MAX = 2_048
"""Texts of one call. It may take a minute."""

_LOADING = threading.Lock()


class Embedder:
    """Embeds texts with the model in `folder`. It is loaded at the first use, once for the whole process."""

    def __init__(self, folder: Path = WEIGHTS) -> None:
        self._folder = folder

    def open(self) -> None:
        """Loads the model if that has not happened yet. Raises EncoderUnavailable."""
        self._model()

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text, the two that mark its ends included. Raises TooLarge over TEXT_CHARS_MAX."""
        for text in texts:
            if len(text) > TEXT_CHARS_MAX:
                raise TooLarge(f"a text has {len(text):,} characters; the limit is {TEXT_CHARS_MAX:,}")
        return self._model().tokenize(texts)

    def embed(self, texts: Sequence[str]) -> "Embeddings":
        """A row for each text. Raises TooLarge over TOKENS_MAX and TEXTS_MAX, EncoderUnavailable."""
        return self.embed_tokens(self.tokenize(texts))

    def embed_tokens(self, tokens: Sequence[Sequence[int]]) -> "Embeddings":
        """A row for each text that `tokenize` has cut. Raises as `embed` does."""
        if len(tokens) > TEXTS_MAX:
            raise TooLarge(f"there are {len(tokens):,} texts; the limit is {TEXTS_MAX:,}")
        longest = max(map(len, tokens), default=0)
        if longest > TOKENS_MAX:
            raise TooLarge(f"a text has {longest:,} tokens; the limit is {TOKENS_MAX}")
        return self._model().run(tokens)

    def embed_beginnings(self, texts: Sequence[str]) -> "Embeddings":
        """A row for the first TOKENS_MAX tokens of each text. Good enough to rank by, where all of it is read later."""
        tokens = self._model().tokenize([text[:TEXT_CHARS_MAX] for text in texts])
        return self.embed_tokens(
            [[*ids[: TOKENS_MAX - 1], ids[-1]] if len(ids) > TOKENS_MAX else ids for ids in tokens]
        )

    def _model(self) -> "_Model":
        with _LOADING:
            return _load(self._folder)


@dataclass(frozen=True, slots=True)
class _Model:
    tokenizer: Any
    session: Any

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        # One at a time: a batch would be cut by a pool of threads of the library's own. A lone surrogate has no UTF-8.
        return [list(self.tokenizer.encode(text.encode("utf-8", "replace").decode()).ids) for text in texts]

    def run(self, tokens: Sequence[Sequence[int]]) -> "Embeddings":
        """One text a run: activations are scaled by the largest of a run, so that texts run together change each other.

        Texts of different lengths gain nothing together on a CPU either, and need no padding so.
        """
        import numpy as np  # noqa: PLC0415  for the reason above

        rows = np.empty((len(tokens), DIMENSIONS), np.float32)
        for row, ids in zip(rows, tokens, strict=True):
            given = np.array([ids], np.int64)
            inputs = {"input_ids": given, "attention_mask": np.ones_like(given), "token_type_ids": np.zeros_like(given)}
            row[:] = self.session.run(None, inputs)[0][0]
        return rows


@cache
def _load(folder: Path) -> _Model:
    """The model in `folder`. Raises EncoderUnavailable if a file is missing, damaged, or another model's."""
    try:
        _check(folder)
        tokenizer = shared_tokenizer(folder / "tokenizer.json")
        session = session_of(folder / WEIGHTS_FILE)
        give_back_freed_memory()
        return _Model(tokenizer, session)
    except Exception as error:  # the libraries below raise the bare class for a damaged file
        raise EncoderUnavailable(
            f"The encoder in {folder} cannot be loaded ({error}). It is part of Touchstone: install it again."
        ) from error


def _check(folder: Path) -> None:
    """Raises ValueError unless the weights are those that the configuration speaks of, and fit this code."""
    config = json.loads((folder / "config.json").read_bytes())
    with (folder / WEIGHTS_FILE).open("rb") as weights:
        found = hashlib.file_digest(weights, "sha256").hexdigest()
    if found != config["model_sha256"]:
        raise ValueError(f"{WEIGHTS_FILE} is damaged: its checksum is not that of config.json")
    if (config["dimensions"], config["tokens_max"]) != (DIMENSIONS, TOKENS_MAX):
        raise ValueError(f"config.json is not of a model with {DIMENSIONS} dimensions and {TOKENS_MAX} tokens")
