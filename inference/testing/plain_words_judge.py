"""A judge that decides by plain words in the passages: for tests of how claims come by their passages and verdicts."""

from collections.abc import AsyncIterator, Sequence

from inference.judges.judge import ClaimInQuestion, Exchange
from inference.verdict import Evidence, Judgement, Label, Provenance, Span, Tokens

SPENT = Tokens(7, 1)  # for each judgement, as if it were a language model
OPEN = Judgement(Label.NOT_ENOUGH_EVIDENCE, 0.4, "Nothing bears on it.", tokens=SPENT)

_WORDS = (("says so", Label.SUPPORTED, 0.9), ("denies it", Label.REFUTED, 0.1))


class PlainWordsJudge:
    """A passage with the words "says so" supports any claim, one with "denies it" refutes it. Without either it gives
    the judgement `without`. `runs` and `exchanges` are what it was given, `closed` how many runs are over."""

    name = "plain words"
    provenance = Provenance("plain words", "")
    passages_per_claim: int | None = None

    def __init__(self, without: Judgement = OPEN) -> None:
        self.without = without
        self.runs: list[list[ClaimInQuestion]] = []
        self.exchanges: list[Exchange] = []
        self.closed = 0

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        self.runs.append(list(claims))
        self.exchanges.append(exchange)
        try:
            for item in claims:
                yield self.of(item)
        finally:
            self.closed += 1

    def of(self, item: ClaimInQuestion) -> Judgement:
        for words, label, score in _WORDS:
            for passage in item.passages:
                start = passage.text.find(words)
                if start >= 0:
                    evidence = Evidence(passage, Span(start, start + len(words)), label)
                    return Judgement(label, score, "Read.", (evidence,), tokens=SPENT)
        return self.without

    async def check(self) -> None:
        return
