"""What is shown as evidence for a judge that quotes nothing: the sentences that hold most of the claim's words.

They are verbatim stretches of the passages that the judge read. That they were what decided is not known, only likely.
"""

from collections.abc import Sequence

from inference.judges.cross_encoder.excerpt import Excerpt
from inference.judges.cross_encoder.quotes import quotes
from inference.judges.cross_encoder.reading import TELLING_MIN, load_tokenizer, read
from inference.judges.cross_encoder.sources import sources_of
from inference.text.sentences import sentences
from inference.verdict import Evidence, Label, Passage, Span


def quotes_for(claim: str, passages: Sequence[Passage], label: Label) -> tuple[Evidence, ...]:
    """One quote or two; never none. The first sentence of the first passage, if none shares a telling word with the
    claim.

    Blocks for some milliseconds. Raises JudgeUnavailable if the tokenizer that ships cannot be read.
    """
    tokenizer = load_tokenizer()
    wanted = read(tokenizer, claim)
    found = [sentence for source in sources_of(passages) for sentence in source.sentences]
    readings = [read(tokenizer, sentence.text) for sentence in found]
    readable = [number for number, reading in enumerate(readings) if len(reading)]
    excerpt = Excerpt(tuple(found[number] for number in readable), tuple(readings[number] for number in readable))
    telling = {key for key, weight in zip(wanted.keys, wanted.weights, strict=True) if weight >= TELLING_MIN}
    if telling.isdisjoint(excerpt.keys()):
        return (_first_sentence(passages[0], label),)
    return tuple(quotes(wanted, excerpt, label))


def _first_sentence(passage: Passage, label: Label) -> Evidence:
    span = next(iter(sentences(passage.text)), Span(0, len(passage.text)))
    return Evidence(passage, span, label)
