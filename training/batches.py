"""Which examples are learnt from together: those of like length, so that little of a batch is padding. Pure."""

import random
from collections.abc import Iterator, Sequence

from training.examples import Example

TOKENS_OF_BATCH = 1_600
POOL = 1_500  # examples sorted by length at a time


def batches(rng: random.Random, examples: Sequence[Example]) -> Iterator[list[Example]]:
    """Batches of at most TOKENS_OF_BATCH tokens, padding counted, without end: each pass in a new order.

    An example that is longer than that is a batch by itself. There must be at least one example.
    """
    while True:
        order = list(examples)
        rng.shuffle(order)
        for start in range(0, len(order), POOL):
            pool = sorted(order[start : start + POOL], key=lambda e: (len(e.pieces), rng.random()))
            cut: list[list[Example]] = [[]]
            for example in pool:
                if cut[-1] and (len(cut[-1]) + 1) * len(example.pieces) > TOKENS_OF_BATCH:
                    cut.append([])
                cut[-1].append(example)
            rng.shuffle(cut)
            yield from cut
