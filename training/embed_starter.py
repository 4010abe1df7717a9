"""Makes the embeddings of the starter corpus anew, after a change of its passages or of the encoder.

make starter-embeddings
"""

import json

import numpy as np

from inference.encoder.embedder import Embedder
from inference.evidence.starter import starter_passages
from inference.evidence.starter_embeddings import MADE_FROM, ROWS, embedded_text, made_from


def main() -> None:
    passages = starter_passages()
    rows = Embedder().embed_beginnings([embedded_text(passage) for passage in passages])
    np.save(ROWS, rows.astype(np.float16), allow_pickle=False)
    MADE_FROM.write_text(json.dumps(made_from(passages), indent=2) + "\n")


if __name__ == "__main__":
    main()
