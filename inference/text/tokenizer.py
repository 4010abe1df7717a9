"""Tokenizers from their files: one for all files that are equal, for it takes 30 ms and 10 MB.

The judge, the encoder and its words have the same vocabulary, in a file each beside their weights. Whoever is given a
tokenizer changes nothing of it. Blocks.
"""

import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZERS_KEPT = 4
"""Of those that were asked for last. Whoever uses another keeps it themselves."""

_LOADING = threading.Lock()


def shared_tokenizer(file: Path) -> "Tokenizer":
    """The tokenizer in `file`. Raises OSError, or Exception itself, as the library does, for a damaged file."""
    content = file.read_bytes()
    with _LOADING:  # who comes meanwhile gets the same one
        return _parsed(content)


@lru_cache(TOKENIZERS_KEPT)
def _parsed(content: bytes) -> "Tokenizer":
    from tokenizers import Tokenizer  # noqa: PLC0415  loaded with a model, not with the command line

    return Tokenizer.from_buffer(content)
