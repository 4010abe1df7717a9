"""A claim and its evidence as the input of the cross-encoder.

`[CLS] claim [SEP] evidence [SEP]`, as BERT (Devlin et al. 2019) reads a pair. Where BERT tells the two apart by two
token types, ours has six: they also say whether a word stands in the other text too, and whether a word that does not
is a number. A small encoder sees that only with effort, and it is half of the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.cross_encoder.reading import Reading, is_number

CLS, SEP = 101, 102  # of BERT's vocabulary

EVIDENCE, CLAIM, EVIDENCE_MET, CLAIM_MET, CLAIM_NUMBER, EVIDENCE_NUMBER = range(6)
"""The token types. MET: the word stands in the other text too. NUMBER: one that does not."""


@dataclass(frozen=True, slots=True)
class PairInput:
    """What the model reads of one pair: two rows of the same length."""

    pieces: tuple[int, ...]
    types: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.pieces)


def pair_input(claim: Reading, evidence: Sequence[Reading]) -> PairInput:
    """Joins a claim to the sentences of its evidence."""
    in_claim = set(claim.keys)
    in_evidence = {key for sentence in evidence for key in sentence.keys}
    pieces, types = [CLS], [EVIDENCE]
    pieces += claim.pieces
    types += [_type(key, in_evidence, CLAIM, CLAIM_MET, CLAIM_NUMBER) for key in claim.keys]
    pieces.append(SEP)
    types.append(EVIDENCE)
    for sentence in evidence:
        pieces += sentence.pieces
        types += [_type(key, in_claim, EVIDENCE, EVIDENCE_MET, EVIDENCE_NUMBER) for key in sentence.keys]
    pieces.append(SEP)
    types.append(EVIDENCE)
    return PairInput(tuple(pieces), tuple(types))


def _type(key: str, other: set[str], plain: int, met: int, number: int) -> int:
    if key in other:
        return met
    return number if is_number(key) else plain
