"""Makes the training mixture: labelled pairs, edits of the supported ones, and evidence of other claims.

Deterministic for a seed. Writes `train.jsonl` and `held_out.jsonl`, one example a line with the pieces and types that
the model reads, and prints how many of each source and kind. Groups (a table, an article) are never split. A set whose
file is missing is named and left out; without any there is nothing to learn from, which is an error.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import load_file
from tokenizers import Tokenizer

from inference.judges.cross_encoder.digest import digest
from inference.judges.cross_encoder.pair import PairInput, pair_input
from inference.judges.cross_encoder.reading import read
from inference.text.sentences import sentences
from training.base import base_folder
from training.editor import Editor
from training.mixing import MIXTURE, OTHER_EVIDENCE, held_out, other_evidence
from training.neighbours import near_words
from training.pairs import Pair
from training.sources import labelled_pairs

EVIDENCE_PIECES_MAX = 96
CLAIM_PIECES_MAX = 80
SEED = 20261125


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with train/*.jsonl.gz")
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the mixture, for a quick trial")
    given = parser.parse_args()
    rng = random.Random(SEED)
    found = labelled_pairs(given.data / "train", list(MIXTURE))
    tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    labelled = {name: _sample(rng, pairs, int(MIXTURE[name][0] * given.scale)) for name, pairs in found.items()}
    everything = [pair for pairs in labelled.values() for pair in pairs]
    words = load_file(base_folder() / "model.safetensors")["embeddings.word_embeddings.weight"]
    editor = Editor(rng, everything, near_words(tokenizer.get_vocab(), words))
    mixture = [pair for name, pairs in labelled.items() for pair in pairs * MIXTURE[name][1]]
    mixture += editor.of_pairs(everything)
    mixture += editor.of_sentences(everything)
    mixture += other_evidence(rng, everything, int(OTHER_EVIDENCE * given.scale))
    rng.shuffle(mixture)
    _write(given.out, mixture, tokenizer)


def _sample(rng: random.Random, pairs: list[Pair], size: int) -> list[Pair]:
    return pairs if len(pairs) <= size else rng.sample(pairs, size)


def encoded(tokenizer: Tokenizer, claim: str, evidence: str) -> PairInput:
    """The pair as the model reads it, the evidence cut to its digest."""
    texts = [piece for s in sentences(evidence) if (piece := evidence[s.start : s.end]).strip()]
    claim_reading = read(tokenizer, claim)
    readings = [r for text in texts if len(r := read(tokenizer, text))]
    chosen = digest(claim_reading, readings, EVIDENCE_PIECES_MAX)
    return pair_input(claim_reading, [readings[number] for number in chosen])


def _write(out: Path, mixture: Sequence[Pair], tokenizer: Tokenizer) -> None:
    out.mkdir(parents=True, exist_ok=True)
    counts: Counter[tuple[str, int]] = Counter()
    pieces = written = 0
    with (out / "train.jsonl").open("w") as train, (out / "held_out.jsonl").open("w") as held:
        for pair in mixture:
            found = encoded(tokenizer, pair.claim, pair.evidence)
            if len(found) > EVIDENCE_PIECES_MAX + CLAIM_PIECES_MAX:
                continue
            counts[(pair.source, pair.allowed)] += 1
            pieces, written = pieces + len(found), written + 1
            line = {"pieces": found.pieces, "types": found.types, "allowed": pair.allowed, "source": pair.source}
            (held if held_out(pair.group) else train).write(json.dumps(line) + "\n")
    for (source, allowed), count in sorted(counts.items()):
        print(f"{count:7,} {source} {allowed:03b}")
    print(f"{written:,} examples, {pieces / max(1, written):.0f} pieces each on average")


if __name__ == "__main__":
    main()
