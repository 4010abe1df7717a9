"""A language model as judge: one structured question for a run of claims, and nothing believed that it cannot show.

- The score is read from the probabilities of the verdict's tokens, not from a number that the model wrote.
- A quote is looked for in the passage. One that is not there is dropped and the claim judged once more without it; a
  verdict that has no quote left is none.
- An answer that cannot be read is asked for once more with the fault shown, then it is an error. So is an engine that
  does not answer. Neither is ever a verdict.
- Text under test reaches the model as JSON strings in a message of their own, and nothing that the model writes in its
  own words reaches a reader. `docs/judging.md` says what that promises and what it cannot.

The same claims and passages give the same judgements as far as the engine computes the same numbers; claims of one run
are read together, so that they may colour each other, which the CPU judge rules out.
"""

import asyncio
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from inference.engine.language_model import LanguageModel
from inference.errors import ContextTooLong, EngineError, JudgeError, JudgeUnavailable, ModelNotFound
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.judges.language_model.answer import Opinion
from inference.judges.language_model.asking import AnswerOutcome, Observer, opinions_on
from inference.judges.language_model.budget import Fitted, fitted
from inference.judges.language_model.case import Case, knowledge_allowed
from inference.judges.language_model.evidence import Checked, checked, quotes_not_found, without_missing
from inference.judges.language_model.reasons import judgement_of, nothing_to_read
from inference.judges.language_model.statement import may_stand_for
from inference.prompts.prompt import load_prompt
from inference.verdict import NO_TOKENS, Judgement, Provenance, Tokens

PASSAGES_PER_CLAIM = 40
"""Passages wanted for a claim. The budget of the model decides how many of them are read."""

CLAIMS_PER_QUESTION_MAX = 8
"""Claims judged in one question, whoever asks and however much the model reads: its answer grows with them, and so does
what they may colour in each other."""

PROMPT = "judge"


def _unobserved(outcome: AnswerOutcome) -> None:
    """For a judge that nobody counts."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Claims that fit into one question, and what came of it."""

    case: Case
    heard: tuple[Checked, ...]
    spent: Tokens


class LanguageModelJudge:
    """Judges with any `LanguageModel`. `observe` hears of each of its answers whether it could be read."""

    passages_per_claim: int | None = PASSAGES_PER_CLAIM

    def __init__(self, model: LanguageModel, observe: Observer = _unobserved) -> None:
        self._model = model
        self._observe = observe
        self._prompt = load_prompt(PROMPT)
        self.name = model.name
        self.provenance = Provenance("language-model", model.name, self._prompt.sha256)

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        case = Case(exchange, tuple(claims), knowledge_allowed=knowledge_allowed(exchange, claims))
        with _engine_errors_are_the_judges():
            async for judgement in self._judged(case):
                yield judgement

    async def check(self) -> None:
        with _engine_errors_are_the_judges():
            await self._model.check()

    async def _judged(self, whole: Case) -> AsyncIterator[Judgement]:
        starts = range(0, len(whole.claims), CLAIMS_PER_QUESTION_MAX)
        parts = [replace(whole, claims=whole.claims[at : at + CLAIMS_PER_QUESTION_MAX]) for at in starts]
        while parts:
            case = parts.pop(0)
            if not case.knowledge_allowed and not any(item.passages for item in case.claims):
                for _ in case.claims:
                    yield nothing_to_read(NO_TOKENS)
                continue
            fit = await fitted(self._model, self._prompt, case)
            if fit.case is None:
                parts[:0] = self._smaller(case, fit)
                continue
            for judgement in await self._judgements(fit.case):
                yield judgement

    def _smaller(self, case: Case, fit: Fitted) -> list[Case]:
        """The two halves of a case that does not fit; of a single claim, the claim without its setting. Raises
        JudgeError if there is no less to show."""
        if len(case.claims) == 1 and case.setting:
            return [replace(case, setting=False)]
        if len(case.claims) == 1:
            raise JudgeError(
                f"The model {self.name} has room for {fit.room:,} tokens beside its answer, and one claim with one "
                f"passage takes {fit.needed:,}. Serve it with a longer context (for example TOUCHSTONE_VLLM_ARGS="
                "'--max-model-len 16384'), or, where the engine does not say its own, raise "
                "TOUCHSTONE_ENGINE_CONTEXT_TOKENS."
            )
        middle = len(case.claims) // 2
        return [replace(case, claims=case.claims[:middle]), replace(case, claims=case.claims[middle:])]

    async def _judgements(self, case: Case) -> list[Judgement]:
        first = await self._heard(case)
        doubtful = [number for number, item in enumerate(first.heard) if item.doubtful]
        if not doubtful:
            return _written(first)
        again = await self._judged_again(case, doubtful, first)
        settled = dict(zip(doubtful, map(without_missing, again.heard), strict=True))
        heard = tuple(settled.get(number, item) for number, item in enumerate(first.heard))
        return _written(_Part(case, heard, first.spent + again.spent))

    async def _judged_again(self, case: Case, doubtful: Sequence[int], first: _Part) -> _Part:
        """The doubtful claims alone, with what was not found of their quotes. The passages stay."""
        anew = replace(
            case,
            claims=tuple(case.claims[number] for number in doubtful),
            quotes_not_found=quotes_not_found([first.heard[number] for number in doubtful]),
        )
        return await self._heard(anew)

    async def _heard(self, case: Case) -> _Part:
        heard = await opinions_on(case, self._model, self._prompt, self._observe)
        return _Part(case, await asyncio.to_thread(_all_checked, heard.opinions, case), heard.spent)


def _all_checked(opinions: Sequence[Opinion], case: Case) -> tuple[Checked, ...]:
    return tuple(checked(opinion, case) for opinion in opinions)


def _written(part: _Part) -> list[Judgement]:
    exchange, read = part.case.exchange, len(part.case.passages)
    judgements = []
    for number, (item, heard) in enumerate(zip(part.case.claims, part.heard, strict=True)):
        said = heard.opinion.statement.strip()
        changed = said != item.claim.text and may_stand_for(said, item.claim.text, exchange.prompt, exchange.response)
        spent = part.spent if number == 0 else NO_TOKENS
        judgements.append(judgement_of(heard, read, said if changed else "", spent))
    return judgements


@contextmanager
def _engine_errors_are_the_judges() -> Generator[None]:
    """What an engine cannot do, its judge cannot."""
    try:
        yield
    except (EngineError, ModelNotFound, ContextTooLong) as error:
        raise JudgeUnavailable(f"The judge's model gave no answer: {error.message}") from error
