"""How near texts are by their words, whatever their order: a mean of ready vectors, at 0.3 ms a passage.

A passage costs the encoder 50 ms, so what could not be embedded before the question came is ranked by this instead. It
finds "bought" for "purchase" and misses what only a sentence as a whole says. The vectors are the encoder's own, of
each token alone (`training/export_words.py`). Blocks, for as long as it takes.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.encoder.embedder import WEIGHTS
from inference.errors import EncoderUnavailable
from inference.text.tokenizer import shared_tokenizer

if TYPE_CHECKING:  # numpy takes 0.1 s to import, and a server that is asked nothing yet needs none of it
    from inference.encoder.embedder import Embeddings

WORDS = WEIGHTS.parent / "words"

DIMENSIONS = 128

WORDS_KEPT = 20_000
"""Words whose tokens are kept, some 200 bytes each: a text repeats its words, and cutting one takes 10 microseconds."""

WORD_CHARS_MAX = 100
"""Characters of a word. The tokenizer knows no longer one."""

_WORD = re.compile(r"\w+")


def word_vectors(texts: Sequence[str], folder: Path = WORDS) -> "Embeddings":
    """A row of length 1 for each text; of zeros for a text without words. Raises EncoderUnavailable."""
    import numpy as np  # noqa: PLC0415  for the reason above

    table = _load(folder)
    rows = np.zeros((len(texts), DIMENSIONS), np.float32)
    for row, text in zip(rows, texts, strict=True):
        ids = [number for word in _WORD.findall(text) for number in table.pieces(word[:WORD_CHARS_MAX])]
        if ids:
            total = table.vectors[ids].sum(0, dtype=np.float32)
            row[:] = total / max(float(np.sqrt(total @ total)), 1e-9)
    return rows


@dataclass(frozen=True, slots=True)
class _Table:
    vectors: Any
    pieces: Callable[[str], Sequence[int]]


@cache
def _load(folder: Path) -> _Table:
    """The vectors in `folder`. Raises EncoderUnavailable if a file is missing or damaged."""
    import numpy as np  # noqa: PLC0415  for the reason above

    try:
        expected = json.loads((folder / "config.json").read_bytes())["vectors_sha256"]
        if hashlib.sha256((folder / "vectors.npy").read_bytes()).hexdigest() != expected:
            raise ValueError("vectors.npy is damaged: its checksum is not that of config.json")
        vectors = np.load(folder / "vectors.npy", allow_pickle=False)
        tokenizer = shared_tokenizer(WEIGHTS / "tokenizer.json")
    except Exception as error:  # the tokenizer's library raises the bare class for a damaged file
        raise EncoderUnavailable(
            f"The word vectors in {folder} cannot be loaded ({error}). They are part of Touchstone: install it again."
        ) from error

    @lru_cache(WORDS_KEPT)
    def pieces(word: str) -> Sequence[int]:
        return tuple(tokenizer.encode(word, add_special_tokens=False).ids)

    return _Table(vectors, pieces)
