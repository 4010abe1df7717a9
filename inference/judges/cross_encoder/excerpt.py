"""What is read of one source with a claim: its title and the sentences that speak of the claim most. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from inference.judges.cross_encoder.digest import digest
from inference.judges.cross_encoder.reading import Reading, weight_of
from inference.judges.cross_encoder.sources import Source, SourceSentence
from inference.verdict import SourceKind


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Sentences of a source in their order, each with its reading; and the source's title, if it has one."""

    sentences: tuple[SourceSentence, ...]
    readings: tuple[Reading, ...]
    title: str = ""
    title_reading: Reading | None = None

    @property
    def given(self) -> bool:
        """Whether it is of the document that the claim is about."""
        return self.sentences[0].passage.kind is SourceKind.DOCUMENT

    def texts(self) -> tuple[str, ...]:
        """What is read, title first."""
        texts = tuple(sentence.text for sentence in self.sentences)
        return (self.title, *texts) if self.title_reading is not None else texts

    def all_readings(self) -> tuple[Reading, ...]:
        """The readings of `texts`."""
        return (self.title_reading, *self.readings) if self.title_reading is not None else self.readings

    def keys(self) -> frozenset[str]:
        """The keys of all words read."""
        return frozenset(key for reading in self.all_readings() for key in reading.keys)

    def covers(self, claim: Reading) -> float:
        """The weight of the claim's words that are read."""
        return weight_of(self.keys(), claim)

    def by_cover(self, claim: Reading) -> list[SourceSentence]:
        """The sentences, those first that hold most of the claim's words; of equals the earlier."""
        order = sorted(
            range(len(self.sentences)), key=lambda number: (-weight_of(self.readings[number].keys, claim), number)
        )
        return [self.sentences[number] for number in order]


def excerpt_of(claim: Reading, source: Source, read: Callable[[str], Reading], pieces_max: int) -> Excerpt | None:
    """What to read of `source` with a claim: at most `pieces_max` pieces, title included. None if it has no word."""
    readable = [(sentence, reading) for sentence in source.sentences if len(reading := read(sentence.text)) > 0]
    if not readable:
        return None
    title = read(source.title) if source.title else None
    room = pieces_max - (len(title) if title is not None else 0)
    chosen = [readable[number] for number in digest(claim, [reading for _, reading in readable], room)]
    return Excerpt(
        tuple(sentence for sentence, _ in chosen), tuple(reading for _, reading in chosen), source.title, title
    )
