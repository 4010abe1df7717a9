"""What the model read of one source, and what it made of it."""

from collections.abc import Callable
from dataclasses import dataclass

from inference.judges.cross_encoder.digest import digest
from inference.judges.cross_encoder.model import PairModel, PairText, Probabilities
from inference.judges.cross_encoder.reading import Reading
from inference.judges.cross_encoder.sources import Source, SourceSentence


@dataclass(frozen=True, slots=True)
class SourceReading:
    """The sentences of a source that were read with a claim, in their order, and the model's probabilities."""

    sentences: tuple[SourceSentence, ...]
    readings: tuple[Reading, ...]
    title: Reading | None
    probabilities: Probabilities

    def keys(self) -> frozenset[str]:
        """The keys of all words read, the title's among them."""
        read = [*self.readings, self.title] if self.title is not None else list(self.readings)
        return frozenset(key for reading in read for key in reading.keys)


def read_source(
    model: PairModel,
    claim: str,
    claim_reading: Reading,
    source: Source,
    read: Callable[[str], Reading],
    pieces_max: int,
) -> SourceReading | None:
    """Chooses the sentences of `source` and has `model` judge them. None if the source holds no word.

    The title of a source is read in front of its sentences, and counts towards `pieces_max`.
    """
    readable = [(s, r) for s in source.sentences if len(r := read(s.text)) > 0]
    if not readable:
        return None
    title = read(source.title) if source.title else None
    room = pieces_max - (len(title) if title is not None else 0)
    chosen = [readable[number] for number in digest(claim_reading, [r for _, r in readable], room)]
    texts = [s.text for s, _ in chosen]
    readings = tuple(r for _, r in chosen)
    given = PairText(
        claim,
        tuple([source.title, *texts] if title is not None else texts),
        claim_reading,
        (title, *readings) if title is not None else readings,
    )
    return SourceReading(tuple(s for s, _ in chosen), readings, title, model.probabilities(given))
