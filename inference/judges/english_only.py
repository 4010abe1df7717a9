"""Stands before a judge that reads English, and declines for it what is not.

A claim in another language, or one whose passages all are, is NOT_ENOUGH_EVIDENCE without a score, with the language in
its reason: a judge that cannot read a text would fail it, or pass it, by chance. Other claims reach the judge with the
passages that it can read. What cannot be told to be foreign counts as English.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from inference.judges.judge import ClaimInQuestion, Exchange, Judge
from inference.text.language import ENGLISH_NAME, language_of
from inference.verdict import Judgement, Label, Passage


class EnglishOnly:
    """Hands English claims to `inner` in one call, and declines the others in their place."""

    def __init__(self, inner: Judge) -> None:
        self.name = inner.name
        self.provenance = inner.provenance
        self.passages_per_claim = inner.passages_per_claim
        self._inner = inner

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        screened = await asyncio.to_thread(lambda: [_screen(exchange, item) for item in claims])
        readable = [item for item in screened if isinstance(item, ClaimInQuestion)]
        judgements = self._inner.judge(exchange, readable) if readable else _nothing()
        try:
            for item in screened:
                judgement = item if isinstance(item, Judgement) else await anext(judgements, None)
                if judgement is None:
                    return  # the inner judge said too little: who counts judgements says so
                yield judgement
            async for judgement in judgements:  # or too much
                yield judgement
        finally:
            if isinstance(judgements, AsyncGenerator):  # who leaves early ends at once what is under way
                await judgements.aclose()

    async def check(self) -> None:
        await self._inner.check()


async def _nothing() -> AsyncIterator[Judgement]:
    for judgement in list[Judgement]():
        yield judgement


def _screen(exchange: Exchange, item: ClaimInQuestion) -> ClaimInQuestion | Judgement:
    """What the judge can read of `item`, or why it is declined."""
    language = _foreign_language_of_claim(exchange, item)
    if language:
        return _declined("claim", language)
    foreign = [_foreign_language(passage) for passage in item.passages]
    if not any(foreign):
        return item
    readable = tuple(p for p, language in zip(item.passages, foreign, strict=True) if not language)
    if readable:
        return ClaimInQuestion(item.claim, readable)
    return _declined("evidence", " and ".join(dict.fromkeys(name for name in foreign if name)))


def _foreign_language_of_claim(exchange: Exchange, item: ClaimInQuestion) -> str | None:
    """The first of these that can be told decides: the words of the response, for the claim's text may begin with words
    of an English question; the claim's text; the whole response, where the claim is too short."""
    span = item.claim.span
    for text in (exchange.response[span.start : span.end], item.claim.text, exchange.response):
        language = language_of(text)
        if language:
            return None if language == ENGLISH_NAME else language
    return None


def _foreign_language(passage: Passage) -> str | None:
    language = language_of(passage.text)
    return None if language == ENGLISH_NAME else language


def _declined(what: str, language: str) -> Judgement:
    reason = (
        f"The {what} is in {language}. This judge reads English and cannot judge it well; check it by hand, or use a "
        f"judge that reads {language}."
    )
    return Judgement(Label.NOT_ENOUGH_EVIDENCE, None, reason)
