"""Judges a run of claims: at once, or as an agent within bounds.

With a given document, and with a writer that has no queries of its own, the claims' evidence is found and judged,
once. Otherwise queries are written, searched for, and what they found is judged; claims that are still undecided then,
or rest on the judge's memory alone, are searched for once more with other queries, if there is time. Each of these is a
`Step` to whoever waits. The verdicts of the run come at its end, so that nothing changes a verdict that was told.

A second round never undoes what the first decided. If all of its searches fail, or it takes too long, the verdicts of
the first stand, and the failure is named beside them. A judge or a writer that cannot be reached is an error in either
round.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from inference.errors import DeadlineExceeded, EvidenceUnavailable, JudgeUnreadable
from inference.evidence.queries import QueryWriter, Tried
from inference.judges.judge import ClaimInQuestion, Exchange, Judge
from inference.spans import JUDGE, span
from inference.text.shorten import shorten
from inference.verdict import NO_TOKENS, Basis, Claim, ClaimVerdict, Judgement, Label, Passage, SourceKind, Tokens
from tools.evidence import EvidenceOf, merged
from tools.time_limit import within
from tools.verification import Step

SECOND_ROUNDS_MAX = 1
"""Rounds after the first for one claim. What two have not settled a third seldom does, and somebody waits."""

SPARE_TIME_SHARE = 0.3
"""Share of the time limit that has to be spare for a second round, so that one is begun only if it is likely to end."""

SECOND_ROUND_SHARE = 0.8
"""Share of the spare time that a second round may take: it must not cost the verdicts that are there already."""

QUERY_SHOWN_CHARS_MAX = 160
"""Characters of a query in a step: every written one is shorter, a claim that stands in for one may be longer."""

_ItemT = TypeVar("_ItemT")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a verification of so many `claims` may take, of which `abreast` runs are judged at a time. `clock` and
    `started` are in seconds."""

    limit_s: float
    claims: int
    clock: Callable[[], float]
    started: float
    abreast: int = 1

    def spare_s(self, claims_read: int) -> float:
        """Seconds that are left when `claims_read` of the claims were read, and the others take as long each."""
        elapsed_s = self.clock() - self.started
        to_come_s = elapsed_s / claims_read * (self.claims - claims_read) / self.abreast
        return self.limit_s - elapsed_s - to_come_s


@dataclass(slots=True)
class Rounds:
    """Judges the claims of one verification. `spent` is what the judgements that stay do not account for.

    `public` is the exchange as the writer of queries may see it.
    """

    judge: Judge
    queries: QueryWriter
    evidence: EvidenceOf
    exchange: Exchange
    public: Exchange
    pace: Pace
    spent: Tokens = NO_TOKENS
    _claims_read: int = field(init=False, default=0)

    async def judged(self, claims: Sequence[Claim]) -> AsyncGenerator[Step | ClaimVerdict]:
        """A verdict for each of `claims`, in their order, with the steps on the way.

        Raises EvidenceError and JudgeError.
        """
        if self.queries.writes and self.evidence.searchable:
            news: AsyncGenerator[Step | ClaimVerdict] = self._search_and_judge(claims)
        else:
            news = self._judge(await self.evidence.find(claims))
        async with closed_after(news):
            async for item in news:
                yield item

    async def _search_and_judge(self, claims: Sequence[Claim]) -> AsyncGenerator[Step | ClaimVerdict]:
        run = [_Searched(claim) for claim in claims]
        yield Step(f"writing search queries for {_count(len(run), 'claim')}")
        first = self._round(run)
        async with closed_after(first):
            async for step in first:
                yield step
        self._claims_read += len(run)
        for _ in range(SECOND_ROUNDS_MAX):
            again = self._once_more([each for each in run if each.is_open()])
            async with closed_after(again):
                async for step in again:
                    yield step
        for each in run:
            if each.verdict is not None:  # as it is for all: a round that has not judged them raised
                yield each.verdict

    async def _once_more(self, undecided: Sequence["_Searched"]) -> AsyncGenerator[Step]:
        if not undecided:
            return
        named = _count(len(undecided), "undecided claim")
        spare_s = self.pace.spare_s(self._claims_read)
        if spare_s < SPARE_TIME_SHARE * self.pace.limit_s:
            yield Step(f"no time left to search once more for {named}")
            return
        yield Step(f"searching once more for {named}")
        round_ = self._round(undecided)
        steps = within(SECOND_ROUND_SHARE * spare_s, round_, "the second search took too long")
        try:
            async with closed_after(round_), closed_after(steps):
                async for step in steps:
                    yield step
        except (EvidenceUnavailable, DeadlineExceeded) as error:
            self.evidence.note_failure(error)
            yield Step("the second search came to nothing; what the first one found stands")

    async def _round(self, run: Sequence["_Searched"]) -> AsyncGenerator[Step]:
        """Has queries written for the claims of `run`, searches and judges, and keeps the better founded verdicts."""
        tried = [each.tried() for each in run]
        written = await self.queries.write(self.public, [each.claim for each in run], tried)
        self.spent += written.spent
        if written.failure:
            yield Step(f"{written.failure}; searching for the claims in their own words")
        pairs = zip(run, written.queries, strict=True)
        asked = [(each, queries or each.own_words()) for each, queries in pairs if queries or each.own_words()]
        if not asked:
            yield Step("there is nothing else to search for")
            return
        for query in dict.fromkeys(chain.from_iterable(queries for _, queries in asked)):
            yield Step(f'searching for "{shorten(query, QUERY_SHOWN_CHARS_MAX)}"')
        found = await self.evidence.search([each.claim for each, _ in asked], [queries for _, queries in asked])
        for (each, queries), item in zip(asked, found, strict=True):
            each.add(queries, item.passages)
        yield Step(f"judging {_count(len(asked), 'claim')} by what was found")
        await self._judge_all([each for each, _ in asked])

    async def _judge_all(self, run: Sequence["_Searched"]) -> None:
        verdicts = self._judge([ClaimInQuestion(each.claim, each.passages) for each in run])
        async with closed_after(verdicts):
            waiting = iter(run)
            async for verdict in verdicts:
                self.spent += next(waiting).keep_better(verdict)

    async def _judge(self, claims: Sequence[ClaimInQuestion]) -> AsyncGenerator[ClaimVerdict]:
        """A verdict for each of `claims`. Raises JudgeUnreadable if the judge says less or more than that."""
        said = 0
        judgements = self.judge.judge(self.exchange, claims)
        with span(JUDGE, judge=self.judge.name, claims=len(claims)):
            async with closed_after(judgements):
                async for judgement in judgements:
                    if said < len(claims):
                        yield _verdict(claims[said].claim, judgement)
                    said += 1
        if said != len(claims):
            raise JudgeUnreadable(f"the judge {self.judge.name} gave {said} judgements for {len(claims)} claims")


@dataclass(slots=True)
class _Searched:
    """A claim on its way: what was searched for it, what was found, best first, and what was judged."""

    claim: Claim
    queries: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    verdict: ClaimVerdict | None = None

    def is_open(self) -> bool:
        return self.verdict is None or foundation(self.verdict.judgement) < EVIDENCE

    def own_words(self) -> tuple[str, ...]:
        """The claim itself as its query, if nothing was searched for it yet: no claim goes unread."""
        return () if self.queries else (self.claim.text,)

    def tried(self) -> Tried:
        """What a writer of other queries may know: of what was found, the titles of web pages alone."""
        titles = dict.fromkeys(p.title for p in self.passages if p.kind is SourceKind.WEB and p.title)
        return Tried(self.queries, tuple(titles))

    def add(self, queries: tuple[str, ...], passages: tuple[Passage, ...]) -> None:
        """Adds what another round found to what is there: a judge reads both."""
        self.passages = merged([passages, self.passages], len(passages) + len(self.passages))
        self.queries += queries

    def keep_better(self, verdict: ClaimVerdict) -> Tokens:
        """Keeps the better founded of this verdict and the one before, the later of equals: it has seen more.
        Returns the tokens of the one that goes."""
        before, self.verdict = self.verdict, verdict
        if before is None:
            return NO_TOKENS
        if foundation(verdict.judgement) < foundation(before.judgement):
            before, self.verdict = verdict, before
        return before.judgement.tokens


UNDECIDED, MEMORY, EVIDENCE = range(3)


def foundation(judgement: Judgement) -> int:
    """How well founded a judgement is: UNDECIDED, by the judge's MEMORY alone, or by EVIDENCE."""
    if judgement.label is Label.NOT_ENOUGH_EVIDENCE:
        return UNDECIDED
    return MEMORY if judgement.basis is Basis.MODEL_KNOWLEDGE else EVIDENCE


def _verdict(claim: Claim, judgement: Judgement) -> ClaimVerdict:
    """The claim as the judge restated it, if it did, in its old place."""
    if judgement.statement:
        claim = Claim(judgement.statement, claim.span)
    return ClaimVerdict(claim, judgement)


@asynccontextmanager
async def closed_after(items: AsyncIterator[_ItemT]) -> AsyncGenerator[None]:
    """Closes `items` at the end, as far as they can be closed: who stops listening stops the work."""
    try:
        yield
    finally:
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
