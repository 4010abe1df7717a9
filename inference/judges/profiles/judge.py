"""Judges with a language model that was trained to judge, in the way that its profile says.

One call a claim, several claims side by side. Each claim is judged against the passages that fit into the model's
context, whole ones by rank. An answer that cannot be read is asked for once more, bound to the readable ones, and then
raises; nothing is guessed. The models say faithful or not and no more: what is not faithful is NOT_ENOUGH_EVIDENCE, for
they do not tell what the evidence contradicts from what it does not mention.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial

from inference.engine.language_model import LanguageModel
from inference.errors import ContextTooLong, EngineError, JudgeError, JudgeUnavailable, JudgeUnreadable, ModelNotFound
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.judges.language_model.asking import AnswerOutcome, Observer
from inference.judges.most_that_fit import most_that_fit
from inference.judges.profiles import trial
from inference.judges.profiles.document import document_of
from inference.judges.profiles.in_order import in_order
from inference.judges.profiles.profile import Case, Finding, PromptProfile
from inference.judges.profiles.quoting import quotes_for
from inference.judges.profiles.reasons import NOTHING_READ, judgement_of
from inference.verdict import NO_TOKENS, Judgement, Label, Passage, Provenance, Tokens

CLAIMS_AT_ONCE = 8
"""Claims of one response that are asked about side by side. An engine batches them; more would crowd out other
callers."""

PASSAGES_WANTED = 12
"""Passages for a claim: some 2,000 words, which every model of the profiles can read at once."""


class ProfileJudge:
    """Judges by `profile` with `model`. Nothing is asked before `check` or the first claim."""

    passages_per_claim: int | None = PASSAGES_WANTED

    def __init__(self, profile: PromptProfile, model: LanguageModel, observe: Observer) -> None:
        self.name = f"{profile.name}: {model.name}"
        self.provenance = Provenance(profile.name, model.name, profile.prompt.sha256)
        self._profile = profile
        self._model = model
        self._observe = observe
        self._trusted = not profile.tried
        self._trying = asyncio.Lock()

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        if any(item.passages for item in claims):
            await self._try()
        jobs = [partial(self._judge, exchange, item) for item in claims]
        async with aclosing(in_order(jobs, CLAIMS_AT_ONCE)) as judgements:
            async for judgement in judgements:
                yield judgement

    async def check(self) -> None:
        """Asks the engine, and tries the model if its profile wants that. Raises JudgeUnavailable."""
        try:
            await self._model.check()
        except (EngineError, ModelNotFound) as error:
            raise JudgeUnavailable(error.message) from error
        await self._try()

    async def _judge(self, exchange: Exchange, item: ClaimInQuestion) -> Judgement:
        if not item.passages:
            return NOTHING_READ
        question, claim = exchange.prompt, item.claim.text
        try:
            read = await self._readable(question, claim, item.passages)
            finding, tokens = await self._ask(Case(question, claim, document_of(read)))
        except ContextTooLong as error:
            raise JudgeError(f"{self._model.name} cannot read the claim with its evidence: {error.message}") from error
        except (EngineError, ModelNotFound) as error:
            raise JudgeUnavailable(error.message) from error
        label = Label.SUPPORTED if finding.faithful else Label.NOT_ENOUGH_EVIDENCE
        evidence = await asyncio.to_thread(quotes_for, claim, read, label) if finding.faithful else ()
        return judgement_of(
            self._profile.title,
            label,
            finding.probability,
            evidence,
            knows_refuted=False,
            read=read,
            offered=len(item.passages),
            tokens=tokens,
        )

    async def _readable(self, question: str, claim: str, passages: Sequence[Passage]) -> Sequence[Passage]:
        """The best passages that fit. Raises JudgeError if the best alone does not."""
        context = await self._model.context_tokens()
        answer = self._profile.ask(Case(question, claim, ""), False).tokens_max
        room = context - answer - self._profile.template_tokens

        async def tokens_with(count: int) -> int:
            document = document_of(passages[:count])
            return await self._model.count_tokens(self._profile.counted(Case(question, claim, document)))

        fitting, tokens = await most_that_fit(tokens_with, 1, len(passages), room)
        if fitting is None:
            raise JudgeError(
                f"The claim and its best passage take {tokens} tokens, and {self._model.name} has room for {room}: it "
                f"reads {context} at once, of which {context - room} are for its own template and its answer. Serve it "
                "with a longer context, or verify against shorter text."
            )
        return passages[:fitting]

    async def _ask(self, case: Case) -> tuple[Finding, Tokens]:
        """What the model finds, after a second try if need be. Raises JudgeUnreadable."""
        spent = NO_TOKENS
        for bound, otherwise in ((False, AnswerOutcome.RETRIED), (True, AnswerOutcome.UNREADABLE)):
            answer = await self._model.answer(self._profile.ask(case, bound))
            spent += answer.spent
            finding = self._profile.read(answer)
            self._observe(AnswerOutcome.READ if finding else otherwise)
            if finding is not None:
                return finding, spent
        raise JudgeUnreadable(
            f"{self._model.name} was asked twice and did not answer as {self._profile.title} does. If it is another "
            "model, set judge_profile to general."
        )

    async def _try(self) -> None:
        """Raises JudgeUnavailable if the model does not know what it should; asks it once in its life."""
        async with self._trying:
            if self._trusted:
                return
            try:
                stated, _ = await self._ask(Case("", trial.STATED, trial.DOCUMENT))
                denied, _ = await self._ask(Case("", trial.DENIED, trial.DOCUMENT))
            except (EngineError, ModelNotFound, ContextTooLong) as error:
                raise JudgeUnavailable(error.message) from error
            if not stated.faithful or denied.faithful:
                raise JudgeUnavailable(
                    f"{self._model.name} did not pass its trial: of a plain claim and its denial it does not say "
                    "which one the document bears out. Its engine may use another chat template than the model's own, "
                    "or drop chat_template_kwargs; vLLM does neither. See docs/judge-profiles.md."
                )
            self._trusted = True
