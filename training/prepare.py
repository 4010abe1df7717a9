"""Makes the training mixture: labelled pairs, edits of the supported ones, and evidence of other claims.

Deterministic for a seed. Writes `train.jsonl` and `held_out.jsonl`, one example a line with the pieces and types that
the model reads, and prints how many of each source and kind. Groups (a table, an article) are never split.
"""

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from safetensors.torch import load_file
from tokenizers import Tokenizer

from inference.judges.cross_encoder.digest import digest
from inference.judges.cross_encoder.pair import PairInput, pair_input
from inference.judges.cross_encoder.reading import read
from inference.text.sentences import sentences
from training.base import base_folder
from training.edits import names, shortening, values, wording
from training.edits.edit import Edit
from training.neighbours import near_words
from training.pairs import SUPPORTED, UNKNOWN, UNSUPPORTED, Pair
from training.sources import pairs_of, records

EVIDENCE_PIECES_MAX = 96
CLAIM_PIECES_MAX = 80
HELD_OUT_SHARE = 0.04
SEED = 20261125

# How many pairs of a set are taken (all, if it has fewer), and how often each. Sets whose evidence often does not
# settle the claim by itself (creak's one-line reasons, StrategyQA's facts) get a small part.
MIXTURE = {
    "infotabs": (9_000, 1),
    "fever_dev": (8_000, 1),
    "fool_me_twice": (2_000, 3),
    "frank": (3_000, 2),
    "creak_explanation": (2_500, 1),
    "strategyqa_facts": (2_400, 1),
    "pubmedqa": (1_500, 1),
    "scifact": (800, 2),
    "med": (2_600, 1),
    "begin": (2_000, 2),
    "factcheckgpt_claim_evidence": (3_400, 1),
    "boolq": (5_500, 1),
}
OTHER_EVIDENCE = 4_500  # claims with the evidence of another claim, the nearest of a handful
_NEAREST_OF = 60
_SENTENCES_OF = {"frank": (14, 1.0), "boolq": (1, 0.7), "pubmedqa": (2, 0.7), "begin": (1, 0.8), "fever_dev": (1, 0.25)}
# How many sentences of a text are taken as claims that it supports, and of what share of the texts.
_SENTENCE_WORDS = range(6, 42)
_EDITED_OF_PAIRS = 0.45  # of the supported pairs, those that are edited
_POSITIVE_CHANGED = 0.6  # of the sentences taken as claims, those that are reworded where that can be done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with train/*.jsonl.gz")
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the mixture, for a quick trial")
    given = parser.parse_args()
    rng = random.Random(SEED)
    tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    labelled = {
        name: _sample(rng, given.data / "train", name, int(n * given.scale)) for name, (n, _) in MIXTURE.items()
    }
    everything = [pair for found in labelled.values() for pair in found]
    editor = Editor(rng, everything, tokenizer)
    mixture = [pair for name, found in labelled.items() for pair in found * MIXTURE[name][1]]
    mixture += editor.of_pairs(everything)
    mixture += editor.of_sentences(everything)
    mixture += other_evidence(rng, everything, int(OTHER_EVIDENCE * given.scale))
    rng.shuffle(mixture)
    _write(given.out, mixture, tokenizer)


def _sample(rng: random.Random, folder: Path, name: str, size: int) -> list[Pair]:
    found = list(pairs_of(name, records(folder / f"{name}.jsonl.gz")))
    return found if len(found) <= size else rng.sample(found, size)


class Editor:
    """Makes edited pairs out of supported ones."""

    def __init__(self, rng: random.Random, pairs: Sequence[Pair], tokenizer: Tokenizer) -> None:
        self._rng = rng
        words = load_file(base_folder() / "model.safetensors")["embeddings.word_embeddings.weight"]
        near = near_words(tokenizer.get_vocab(), words)
        sample = rng.sample(pairs, min(6_000, len(pairs)))
        name_pool = sorted({m.group() for pair in sample for m in names.names(pair.evidence)})
        extras = sorted({text for pair in sample for text in wording.adjuncts(pair.evidence)})
        self.breaking: list[tuple[Edit, float]] = [
            (values.other_number, 3.0),
            (values.other_number_word, 1.0),
            (values.other_date, 1.0),
            (values.other_unit, 1.0),
            (names.other_name, 2.0),
            (partial(names.name_from, name_pool), 1.0),
            (names.swapped_roles, 1.0),
            (wording.negated, 1.2),
            (wording.stronger, 1.5),
            (wording.other_connective, 1.5),
            (wording.opposite, 2.5),
            (partial(wording.near_word, near), 3.0),
            (partial(wording.added, extras), 0.8),
        ]
        self.keeping: list[tuple[Edit, float]] = [
            (values.same_number, 1.0),
            (wording.weaker, 0.7),
            (wording.synonym, 1.0),
            (shortening.shorter, 3.0),
        ]

    def of_pairs(self, pairs: Sequence[Pair]) -> Iterator[Pair]:
        """Changed claims of labelled pairs, each with what it breaks or keeps."""
        for pair in pairs:
            if pair.allowed == SUPPORTED and self._rng.random() < _EDITED_OF_PAIRS:
                yield from self._edited(pair, self.breaking)
                if self._rng.random() < 0.25:
                    yield from self._edited(pair, self.keeping)

    def of_sentences(self, pairs: Sequence[Pair]) -> Iterator[Pair]:
        """Sentences of the evidence as claims, as they stand or reworded, and broken."""
        seen: set[str] = set()
        for pair in pairs:
            count, share = _SENTENCES_OF.get(pair.source, (0, 0.0))
            if not count or pair.evidence in seen or self._rng.random() > share:
                continue
            seen.add(pair.evidence)
            texts = [pair.evidence[s.start : s.end] for s in sentences(pair.evidence)]
            texts = [text for text in texts if len(text.split()) in _SENTENCE_WORDS and text[-1] in ".!"]
            for text in self._rng.sample(texts, min(count, len(texts))):
                yield from self._pair_of_sentence(replace(pair, claim=text, allowed=SUPPORTED), len(texts))

    def _pair_of_sentence(self, said: Pair, of: int) -> Iterator[Pair]:
        reworded = list(self._edited(said, self.keeping)) if self._rng.random() < _POSITIVE_CHANGED else []
        whole = reworded[0] if reworded else replace(said, source=f"{said.source}+sentence")
        yield whole
        yield from self._edited(replace(said, claim=whole.claim), self.breaking)
        if of > 2 and self._rng.random() < 0.12:
            without = said.evidence.replace(said.claim, " ")
            yield replace(whole, evidence=without, allowed=UNSUPPORTED, source=f"{said.source}+removed")

    def _edited(self, pair: Pair, edits: Sequence[tuple[Edit, float]]) -> Iterator[Pair]:
        """At most one edit, drawn by its weight among those that apply."""
        order = sorted(edits, key=lambda item: self._rng.random() ** (1 / item[1]), reverse=True)
        for edit, _ in order:
            found = edit(self._rng, pair.claim, pair.evidence)
            if found is not None and found.claim != pair.claim:
                yield Pair(found.claim, pair.evidence, found.allowed, f"{pair.source}+{found.kind}", pair.group)
                return


def other_evidence(rng: random.Random, pairs: Sequence[Pair], count: int) -> Iterator[Pair]:
    """Claims with the evidence of another claim of the same set: of a handful, the one that shares most words."""
    by_source: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_source.setdefault(pair.source, []).append(pair)
    for pair in rng.sample(pairs, min(count, len(pairs))):
        if pair.source == "med":
            continue
        wanted = set(pair.claim.lower().split())
        same = by_source[pair.source]
        others = [p for p in rng.sample(same, min(_NEAREST_OF, len(same))) if p.group != pair.group]
        if others:
            near = max(others, key=lambda p: len(wanted & set(p.evidence.lower().split())))
            yield Pair(pair.claim, near.evidence, UNKNOWN, f"{pair.source}+other", pair.group)


def encoded(tokenizer: Tokenizer, claim: str, evidence: str) -> PairInput:
    """The pair as the model reads it, the evidence cut to its digest."""
    texts = [piece for s in sentences(evidence) if (piece := evidence[s.start : s.end]).strip()]
    claim_reading = read(tokenizer, claim)
    readings = [r for text in texts if len(r := read(tokenizer, text))]
    chosen = digest(claim_reading, readings, EVIDENCE_PIECES_MAX)
    return pair_input(claim_reading, [readings[number] for number in chosen])


def held_out(group: str) -> bool:
    """Whether the pairs of a group are kept for measuring."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:4]) / 2**32 < HELD_OUT_SHARE


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
