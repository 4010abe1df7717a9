"""Words that lie near one another in the base model's word space: "doctor" and "nurse", "Monday" and "Friday"."""

from torch import Tensor
from torch.nn.functional import normalize

NEIGHBOURS_MAX = 12
_LETTERS_MIN = 4
_FREQUENT_FROM = 1_996  # of BERT's vocabulary, which is ordered by frequency
_BATCH = 1_024
_PREFIX = 4  # words that share so many first letters are most likely forms of one word


def near_words(vocabulary: dict[str, int], embeddings: Tensor) -> dict[str, list[str]]:
    """For each whole word of letters its nearest others, nearest first."""
    words = sorted(
        (
            w
            for w, n in vocabulary.items()
            if w.isascii() and w.isalpha() and len(w) >= _LETTERS_MIN and n >= _FREQUENT_FROM
        ),
        key=vocabulary.__getitem__,
    )
    vectors = normalize(embeddings[[vocabulary[word] for word in words]], dim=-1)
    found: dict[str, list[str]] = {}
    for start in range(0, len(words), _BATCH):
        near = (vectors[start : start + _BATCH] @ vectors.T).topk(2 * NEIGHBOURS_MAX).indices.tolist()
        for word, numbers in zip(words[start : start + _BATCH], near, strict=True):
            others = [words[n] for n in numbers if words[n][:_PREFIX] != word[:_PREFIX]]
            found[word] = others[:NEIGHBOURS_MAX]
    return found
