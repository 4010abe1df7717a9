"""Which pairs make up the training mixture beside the edited ones, and which are kept for measuring. Pure."""

import hashlib
import random
from collections.abc import Iterator, Sequence

from training.pairs import UNKNOWN, Pair

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
HELD_OUT_SHARE = 0.04
_NEAREST_OF = 60


def other_evidence(rng: random.Random, pairs: Sequence[Pair], count: int) -> Iterator[Pair]:
    """Claims with the evidence of another claim of the same set: of a handful, the one that shares most words.

    Never with the evidence of a claim of their own group, which may well support them.
    """
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


def held_out(group: str) -> bool:
    """Whether the pairs of a group are kept for measuring: a group is never split."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:4]) / 2**32 < HELD_OUT_SHARE
