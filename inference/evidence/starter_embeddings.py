"""The embeddings of the starter corpus, made when the corpus or the encoder changes (`make starter-embeddings`).

A row of 16-bit floats for each passage, in the order of the corpus. `made_from` marks what they were made from: a test
holds it against the passages and the encoder that ship.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inference.encoder.embedder import DIMENSIONS, WEIGHTS
from inference.errors import EncoderUnavailable
from inference.verdict import Passage

if TYPE_CHECKING:
    from inference.encoder.embedder import Embeddings

FOLDER = Path(__file__).parent / "starter"
ROWS = FOLDER / "embeddings.npy"
MADE_FROM = FOLDER / "embeddings.made-from.json"


def embedded_text(passage: Passage) -> str:
    """What of a passage is embedded. The title names the subject, which a text may only hint at."""
    return f"{passage.title}. {passage.text}"


def made_from(passages: Sequence[Passage]) -> dict[str, str]:
    """Marks the texts and the encoder: other texts or another encoder have other marks."""
    texts = json.dumps([embedded_text(passage) for passage in passages])
    config = json.loads((WEIGHTS / "config.json").read_text("utf-8"))
    return {"texts_sha256": hashlib.sha256(texts.encode()).hexdigest(), "model_sha256": config["model_sha256"]}


def starter_rows(passages: Sequence[Passage]) -> "Embeddings":
    """The row of each of `passages`, those of the starter corpus. Raises EncoderUnavailable if they do not fit."""
    import numpy as np  # noqa: PLC0415  a server that is asked nothing yet needs none of it

    try:
        rows = np.load(ROWS, allow_pickle=False)
        if rows.shape != (len(passages), DIMENSIONS):
            raise ValueError(f"they are of shape {rows.shape}, and there are {len(passages)} passages")
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(
            f"The embeddings of the starter corpus in {ROWS} cannot be used ({error}). Install Touchstone again."
        ) from error
    exact: Embeddings = rows.astype(np.float32)
    return exact
