"""One question to the model, asked again once if its answer cannot be read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from inference.engine.language_model import WITHOUT_THOUGHT, Ask, LanguageModel
from inference.errors import JudgeUnreadable
from inference.judges.language_model.answer import Opinion, Unusable, opinions_in
from inference.judges.language_model.case import Case, turns_of
from inference.judges.language_model.schema import UNUSABLE_BYTES_MAX, answer_schema, answer_tokens_max
from inference.prompts.prompt import Prompt
from inference.text.shorten import shorten_to_bytes
from inference.verdict import NO_TOKENS, Tokens

ALTERNATIVES = 20
"""Likely tokens wanted at each place: the most that vLLM and OpenAI tell unless configured otherwise."""


class AnswerOutcome(StrEnum):
    """What became of an answer of the model. The rate of failures is RETRIED and UNREADABLE among all."""

    READ = "read"
    RETRIED = "retried"
    UNREADABLE = "unreadable"


Observer = Callable[[AnswerOutcome], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """The opinions on the claims of a case, and what it took to get them."""

    opinions: tuple[Opinion, ...]
    spent: Tokens


async def opinions_on(case: Case, model: LanguageModel, prompt: Prompt, observe: Observer) -> Heard:
    """What `model` says of the claims of `case`.

    Raises JudgeUnreadable if two answers in a row cannot be read, and whatever `model` raises.
    """
    spent = NO_TOKENS
    asked = case
    for outcome in (AnswerOutcome.RETRIED, AnswerOutcome.UNREADABLE):
        answer = await model.answer(_ask(asked, prompt))
        spent += answer.spent
        try:
            opinions = opinions_in(answer, asked)
        except Unusable as fault:
            observe(outcome)
            reason = str(fault)
            asked = case.after(shorten_to_bytes(answer.text, UNUSABLE_BYTES_MAX), reason)
        else:
            observe(AnswerOutcome.READ)
            return Heard(tuple(opinions), spent)
    raise JudgeUnreadable(
        f"The judge {model.name} gave two answers that cannot be read; of the last: {reason}. Nothing was judged. Try "
        "again, or set TOUCHSTONE_JUDGE_MODEL to another model."
    )


def _ask(case: Case, prompt: Prompt) -> Ask:
    return Ask(
        turns_of(case, prompt),
        tokens_max=answer_tokens_max(case),
        schema=answer_schema(case),
        alternatives=ALTERNATIVES,
        template_arguments=WITHOUT_THOUGHT,
    )
