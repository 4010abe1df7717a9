"""The CPU judge: a small cross-encoder reads claim and evidence, the rules of `alignment/` give a second opinion.

Deterministic: the same claim and passages give the same judgement, whatever they are judged beside. It promises exact
quotes, and that numbers, dates, units and names in which claim and evidence differ weigh as the rules say, which read
them exactly where a small encoder does not. It reads no more than CLAIM_PIECES_MAX of a claim: a longer one it declines
to judge. Orders in the text under test are words like any others; there is no prompt that they could talk to.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from inference.encoder.words import word_vectors
from inference.judges.alignment.decision import judge_claim
from inference.judges.cross_encoder.excerpt import Excerpt, excerpt_of
from inference.judges.cross_encoder.explanation import explained, too_long
from inference.judges.cross_encoder.model import ClaimTooLong, PairModel, PairText, ShippedModel
from inference.judges.cross_encoder.opinions import Said, settle
from inference.judges.cross_encoder.reading import Reading, load_tokenizer, read, weight_of
from inference.judges.cross_encoder.sources import sources_of
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.verdict import Claim, Judgement, Passage, Provenance, SourceKind

EVIDENCE_PIECES_MAX = 96
"""Word pieces of evidence read at once: four or five sentences. What the weights were trained with; twice as many take
twice the time."""
SOURCES_READ_MAX = 3
"""Sources that the model reads with a claim: those that hold most of its words. A run takes 10 to 25 ms."""
RULES_SENTENCES = 2
"""The best sentences of a given document, in whose passages the rules look: reading a passage takes them some 5 ms."""
SUBJECT_SHARE_MIN = 0.4
"""The share of a claim's words, each by its rarity, that a source must have to be taken for one on the same subject. A
source that was found by a search and has fewer may sound like the claim and speak of something else."""
CLAIM_PIECES_MAX = 256
"""Word pieces of a claim, some 200 words. The positions that the weights know end at 512."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said of one claim before it is settled: by the model of each excerpt, and by the rules."""

    claim: Reading
    excerpts: tuple[Excerpt, ...]
    said: tuple[Said, ...]
    rules: Judgement


class CrossEncoderJudge:
    """Judges with a model for pairs of texts, and the alignment rules beside it. Nothing is loaded before `check`."""

    passages_per_claim: int | None = None

    def __init__(self, model: PairModel | None = None) -> None:
        self._model = model or ShippedModel()
        self.name = self._model.name
        self.provenance = Provenance("cross-encoder", self.name)

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        readings: dict[str, Reading] = {}  # sentences come back for every claim of a response
        for item in claims:
            yield await asyncio.to_thread(self._judge, item.claim, item.passages, readings)

    async def check(self) -> None:
        """Loads the model. Raises JudgeUnavailable, or JudgeUnreadable if the model answers nonsense."""
        await asyncio.to_thread(self._open)

    def _open(self) -> None:
        load_tokenizer()
        self._model.open()

    def _judge(self, claim: Claim, passages: Sequence[Passage], readings: dict[str, Reading]) -> Judgement:
        try:
            heard = self.hear(claim, passages, readings)
        except ClaimTooLong as error:
            return too_long(error.pieces_max)
        if not heard.excerpts:
            return heard.rules
        calibration = self._model.calibration
        opinion = settle(heard.said, heard.rules, calibration)
        return explained(claim, heard.claim, heard.excerpts, opinion, heard.rules, calibration)

    def hear(self, claim: Claim, passages: Sequence[Passage], readings: dict[str, Reading]) -> Heard:
        """What the model and the rules say of one claim. Blocks. Raises ClaimTooLong.

        `readings` keeps what was read, by text, from call to call.
        """
        self._model.open()
        tokenizer = load_tokenizer()

        def reading(text: str) -> Reading:
            if text not in readings:
                readings[text] = read(tokenizer, text)
            return readings[text]

        mine = read(tokenizer, claim.text)
        if len(mine) > CLAIM_PIECES_MAX:
            raise ClaimTooLong(CLAIM_PIECES_MAX)
        found = [excerpt_of(mine, source, reading, EVIDENCE_PIECES_MAX) for source in sources_of(passages)]
        excerpts = _most_telling(mine, [excerpt for excerpt in found if excerpt is not None]) if len(mine) else []
        near = _nearness(claim.text, excerpts)
        weight = weight_of(mine.keys, mine)
        said = [
            Said(
                self._model.probabilities(PairText(claim.text, excerpt.texts(), mine, excerpt.all_readings())),
                nearness,
                excerpt.given or excerpt.covers(mine) >= SUBJECT_SHARE_MIN * weight,
            )
            for excerpt, nearness in zip(excerpts, near, strict=True)
        ]
        rules = judge_claim(claim, _passages_for_rules(mine, excerpts, passages))
        return Heard(mine, tuple(excerpts), tuple(said), rules)


def _nearness(claim: str, excerpts: Sequence[Excerpt]) -> tuple[float, ...]:
    """How near each excerpt is to the claim by its words, whatever their order: a cosine."""
    first, *others = word_vectors([claim, *(" ".join(excerpt.texts()) for excerpt in excerpts)])
    return tuple(float(first @ other) for other in others)


def _most_telling(claim: Reading, excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """The excerpts that the model reads, in their order."""
    order = sorted(range(len(excerpts)), key=lambda number: (-excerpts[number].covers(claim), number))
    return [excerpts[number] for number in sorted(order[:SOURCES_READ_MAX])]


def _passages_for_rules(claim: Reading, excerpts: Sequence[Excerpt], passages: Sequence[Passage]) -> list[Passage]:
    """Of a given document the passages that hold its best sentences; all others, which are short."""
    best = [sentence for excerpt in excerpts for sentence in excerpt.by_cover(claim)[:RULES_SENTENCES]]
    holding = {sentence.passage.id for sentence in best}
    return [p for p in passages if p.kind is not SourceKind.DOCUMENT or p.id in holding]
