"""Judges with a classifier of pairs of texts behind vLLM's pooling API.

A claim is laid beside each of its passages, all in one request, and the passage that settles most decides. A model of
one label tells how well a passage bears the claim out; what it does not is NOT_ENOUGH_EVIDENCE. A model of several
labels may also tell that a passage contradicts the claim, which is REFUTED. Before it is believed, the model is tried
on claims whose answers are known: that shows which of its labels means what, and finds out models that do not judge,
such as rerankers, which score what is on the subject and not what is true.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from inference.errors import ContextTooLong, EngineError, JudgeError, JudgeUnavailable, JudgeUnreadable, ModelNotFound
from inference.judges.cross_encoder.custom.label_roles import role_of
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.judges.profiles import trial
from inference.judges.profiles.document import document_of
from inference.judges.profiles.in_order import in_order
from inference.judges.profiles.pooling import Classified, Pair, Pooling, TokenCount
from inference.judges.profiles.profile import ClassifierProfile
from inference.judges.profiles.quoting import quotes_for
from inference.judges.profiles.reasons import NOTHING_READ, judgement_of
from inference.prompts.data import as_plain_data
from inference.side_by_side import all_of
from inference.verdict import Judgement, Label, Passage, Provenance, Tokens

CLAIMS_AT_ONCE = 4
"""Claims of one response that are asked about side by side, each with all its passages."""

PASSAGES_READ_MAX = 12
"""Passages that a claim is laid beside."""

PAIR_TOKENS = 8
"""Special tokens around and between the two texts: four at most in the models known here."""

SEPARATORS = {"</s>": "</s></s>", "[SEP]": "[SEP]"}
"""What stands between two texts in models of the family of RoBERTa and of BERT, by the token that ends a text there."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one passage says of a claim: the label, how sure the model is of it, and of "supported"."""

    label: Label
    sureness: float
    supported: float


@dataclass(frozen=True, slots=True)
class _Labels:
    """What the trial showed: how the two texts are put together, and which label is "supported". None for one label."""

    separator: str
    supported: int


class ClassifierJudge:
    """Judges by `profile` with the classifier behind `pooling`. Nothing is asked before `check` or the first claim."""

    passages_per_claim: int | None = PASSAGES_READ_MAX

    def __init__(self, profile: ClassifierProfile, pooling: Pooling) -> None:
        self.name = f"{profile.name}: {pooling.model}"
        self.provenance = Provenance(profile.name, pooling.model)
        self._profile = profile
        self._pooling = pooling
        self._tried = False
        self._labels: _Labels | None = None
        self._trying = asyncio.Lock()

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        if any(item.passages for item in claims):
            await self._try()
        jobs = [partial(self._judge, item) for item in claims]
        async with aclosing(in_order(jobs, CLAIMS_AT_ONCE)) as judgements:
            async for judgement in judgements:
                yield judgement

    async def check(self) -> None:
        """Asks the engine, and tries the model. Raises JudgeUnavailable."""
        try:
            await self._pooling.check()
        except (EngineError, ModelNotFound) as error:
            raise JudgeUnavailable(error.message) from error
        await self._try()

    async def _judge(self, item: ClaimInQuestion) -> Judgement:
        if not item.passages:
            return NOTHING_READ
        try:
            read, tokens = await self._readable(item)
            found = await self._find([_pair(passage, item.claim.text) for passage in read])
        except ContextTooLong as error:
            raise JudgeError(
                f"{self._pooling.model} cannot read the claim with its evidence: {error.message}"
            ) from error
        except (EngineError, ModelNotFound) as error:
            raise JudgeUnavailable(error.message) from error
        best = _deciding(found)
        label, decided = found[best].label, found[best].label is not Label.NOT_ENOUGH_EVIDENCE
        evidence = await asyncio.to_thread(quotes_for, item.claim.text, [read[best]], label) if decided else ()
        return judgement_of(
            self._profile.title,
            label,
            found[best].supported,
            evidence,
            knows_refuted=self._labels is not None,
            read=read,
            offered=len(item.passages),
            tokens=tokens,
        )

    async def _readable(self, item: ClaimInQuestion) -> tuple[list[Passage], Tokens]:
        """The passages that fit beside the claim, each by itself, and the tokens of all these pairs.

        Raises JudgeError if the best does not fit.
        """
        passages = item.passages[:PASSAGES_READ_MAX]
        counts = await all_of([self._count(_pair(passage, item.claim.text)) for passage in passages])
        first = counts[0]
        if not _fits(first):
            raise JudgeError(
                f"The claim and its best passage take {first.tokens + PAIR_TOKENS} tokens, and {self._pooling.model} "
                f"reads {first.context_tokens} at once. Use a model with a longer context."
            )
        fitting = [(passage, count) for passage, count in zip(passages, counts, strict=True) if _fits(count)]
        return [passage for passage, _ in fitting], Tokens(sum(count.tokens for _, count in fitting), 0)

    async def _count(self, pair: Pair) -> TokenCount:
        return await self._pooling.count(f"{pair.premise}\n{pair.hypothesis}")

    async def _find(self, pairs: Sequence[Pair]) -> list[_Found]:
        labels = self._labels
        if labels is None:
            return [_by_score(score) for score in await self._scored(pairs)]
        return [self._by_label(classified, labels.supported) for classified in await self._classified(pairs, labels)]

    async def _scored(self, pairs: Sequence[Pair]) -> list[float]:
        scores = await self._pooling.score(pairs)
        if scores is None:
            raise JudgeUnavailable(f"the engine of {self._pooling.model} has no /score any more")
        return scores

    async def _classified(self, pairs: Sequence[Pair], labels: _Labels) -> list[Classified]:
        found = await self._pooling.classify([f"{p.premise}{labels.separator}{p.hypothesis}" for p in pairs])
        if found is None:
            raise JudgeUnavailable(f"the engine of {self._pooling.model} has no /classify any more")
        return found

    def _by_label(self, classified: Classified, supported: int) -> _Found:
        role = role_of(classified.label, len(classified.probabilities))
        if role is None or supported >= len(classified.probabilities):
            raise JudgeUnreadable(
                f"{self._pooling.model} answered the label {classified.label!r}, and what that means cannot be told"
            )
        return _Found(role, max(classified.probabilities), classified.probabilities[supported])

    async def _try(self) -> None:
        """Finds out how the model answers. Raises JudgeUnavailable if it does not know what it should; once in its
        life."""
        async with self._trying:
            if self._tried:
                return
            pairs = [_plain(trial.DOCUMENT, claim) for claim in (trial.STATED, trial.DENIED, trial.UNMENTIONED)]
            try:
                scores = await self._pooling.score(pairs)
                if scores is not None:
                    self._expect([_by_score(score) for score in scores])
                else:
                    self._labels = await self._learn(pairs)
            except (EngineError, ModelNotFound, ContextTooLong) as error:
                raise JudgeUnavailable(error.message) from error
            self._tried = True

    async def _learn(self, pairs: Sequence[Pair]) -> _Labels:
        """What the labels of a model of several mean."""
        separator = self._profile.separator or await self._separator()
        classified = await self._pooling.classify([f"{p.premise}{separator}{p.hypothesis}" for p in pairs])
        if classified is None:
            raise JudgeUnavailable(
                f"the engine of {self._pooling.model} has neither /score nor /classify: it does not serve it as a "
                "classifier. Start vLLM with --runner pooling."
            )
        supported = classified[0].likeliest
        self._expect([self._by_label(item, supported) for item in classified])
        return _Labels(separator, supported)

    async def _separator(self) -> str:
        last = (await self._pooling.count("a")).last
        if last not in SEPARATORS:
            raise JudgeUnavailable(
                f"how {self._pooling.model} takes two texts cannot be told: its tokenizer ends a text with {last!r}"
            )
        return SEPARATORS[last]

    def _expect(self, found: Sequence[_Found]) -> None:
        stated, *others = (item.label is Label.SUPPORTED for item in found)
        if not stated or any(others):
            raise JudgeUnavailable(
                f"{self._pooling.model} did not pass its trial: it does not tell a plain claim that a text bears out "
                "from one that it denies or does not mention. It may be a reranker, or trained for something else."
            )


def _pair(passage: Passage, claim: str) -> Pair:
    return _plain(document_of([passage]), claim)


def _plain(premise: str, hypothesis: str) -> Pair:
    return Pair(as_plain_data(premise), as_plain_data(hypothesis))


def _fits(count: TokenCount) -> bool:
    return count.tokens + PAIR_TOKENS <= count.context_tokens


def _by_score(score: float) -> _Found:
    label = Label.SUPPORTED if score >= 0.5 else Label.NOT_ENOUGH_EVIDENCE
    return _Found(label, max(score, 1 - score), score)


def _deciding(found: Sequence[_Found]) -> int:
    """The number of the passage that decides: the surest that settles the claim; if none does, the likeliest to.

    Of equals the better ranked.
    """
    settling = [number for number, item in enumerate(found) if item.label is not Label.NOT_ENOUGH_EVIDENCE]
    if settling:
        return max(settling, key=lambda number: (found[number].sureness, -number))
    return max(range(len(found)), key=lambda number: (found[number].supported, -number))
