"""Makes edited pairs out of supported ones: which edits there are, how often each is drawn, and what they are used on.

Deterministic for the randomness that it is given.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from inference.text.sentences import sentences
from training.edits import (
    additions,
    connectives,
    names,
    near_words,
    negation,
    opposites,
    quantities,
    shortening,
    synonyms,
    values,
)
from training.edits.edit import Edit
from training.pairs import SUPPORTED, UNSUPPORTED, Pair

_SENTENCES_OF = {"frank": (14, 1.0), "boolq": (1, 0.7), "pubmedqa": (2, 0.7), "begin": (1, 0.8), "fever_dev": (1, 0.25)}
# How many sentences of a text are taken as claims that it supports, and of what share of the texts.
_SENTENCE_WORDS = range(6, 42)
_EDITED_OF_PAIRS = 0.45  # of the supported pairs, those that are edited
_POSITIVE_CHANGED = 0.6  # of the sentences taken as claims, those that are reworded where that can be done
_POOL_OF = 6_000  # pairs whose evidence gives names and additions


class Editor:
    """Makes edited pairs out of supported ones. `neighbours`: for a word those that may be put in its place."""

    def __init__(self, rng: random.Random, pairs: Sequence[Pair], neighbours: Mapping[str, list[str]]) -> None:
        self._rng = rng
        sample = rng.sample(pairs, min(_POOL_OF, len(pairs)))
        name_pool = sorted({m.group() for pair in sample for m in names.names(pair.evidence)})
        extras = sorted({text for pair in sample for text in additions.adjuncts(pair.evidence)})
        self.breaking: list[tuple[Edit, float]] = [
            (values.other_number, 3.0),
            (values.other_number_word, 1.0),
            (values.other_date, 1.0),
            (values.other_unit, 1.0),
            (names.other_name, 2.0),
            (partial(names.name_from, name_pool), 1.0),
            (names.swapped_roles, 1.0),
            (negation.negated, 1.2),
            (quantities.stronger, 1.5),
            (connectives.other_connective, 1.5),
            (opposites.opposite, 2.5),
            (partial(near_words.near_word, neighbours), 3.0),
            (partial(additions.added, extras), 0.8),
        ]
        self.keeping: list[tuple[Edit, float]] = [
            (values.same_number, 1.0),
            (quantities.weaker, 0.7),
            (synonyms.synonym, 1.0),
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
        """At most one edit, drawn by its weight among those that apply.

        What stands in the evidence word for word is not broken: a breaking edit may undo one that kept the meaning.
        """
        order = sorted(edits, key=lambda item: self._rng.random() ** (1 / item[1]), reverse=True)
        for edit, _ in order:
            found = edit(self._rng, pair.claim, pair.evidence)
            if found is None or found.claim == pair.claim:
                continue
            if found.allowed == SUPPORTED or found.claim not in pair.evidence:
                yield Pair(found.claim, pair.evidence, found.allowed, f"{pair.source}+{found.kind}", pair.group)
                return
