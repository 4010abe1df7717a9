"""Which passages the judge reads: as many of the best as fit beside everything else.

Room is what the model reads at once, less what it may write and what may have to be said when it is asked again. The
passages of all claims are ranked together, the best of each claim first, then the second of each, and so on; what does
not fit is left out from the end. No passage is cut. The whole ask is counted by the model's own tokenizer each time:
nothing is added up from estimates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.engine.language_model import LanguageModel
from inference.judges.judge import ClaimInQuestion
from inference.judges.language_model.case import Case, turns_of
from inference.judges.language_model.schema import answer_tokens_max, follow_up_tokens_max
from inference.judges.most_that_fit import most_that_fit
from inference.prompts.prompt import Prompt
from inference.verdict import Passage

PASSAGES_READ_MAX = 96
"""Passages of one ask, about 15,000 tokens. More would cost time and distract a model more than they tell it."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A case with the passages that fit, or, with `case` None, how many tokens it needs with the fewest."""

    case: Case | None
    needed: int
    room: int


async def fitted(model: LanguageModel, prompt: Prompt, case: Case) -> Fitted:
    """`case` with the passages of its claims that fit: the best of each claim at least. Raises what `model` raises."""
    ranked = by_rank(case.claims)[:PASSAGES_READ_MAX]
    room = await model.context_tokens() - answer_tokens_max(case) - follow_up_tokens_max(case)

    async def tokens_with(count: int) -> int:
        return await model.count_tokens(turns_of(case.with_passages(in_order(ranked[:count])), prompt))

    fewest = len({item.passages[0].id for item in case.claims if item.passages})
    count, tokens = await most_that_fit(tokens_with, fewest, len(ranked), room)
    if count is None:
        return Fitted(None, tokens, room)
    return Fitted(case.with_passages(in_order(ranked[:count])), 0, room)


def by_rank(claims: Sequence[ClaimInQuestion]) -> list[Passage]:
    """The passages of all claims, each once: the best of each claim, then the second of each, and so on."""
    deepest = max((len(item.passages) for item in claims), default=0)
    return _each_once(item.passages[rank] for rank in range(deepest) for item in claims if rank < len(item.passages))


def in_order(passages: Sequence[Passage]) -> list[Passage]:
    """The passages as a person would read them: source by source, each from its beginning."""
    first = {_source(passage): number for number, passage in reversed(list(enumerate(passages)))}
    return sorted(passages, key=lambda passage: (first[_source(passage)], passage.start, passage.id))


def _source(passage: Passage) -> tuple[str, str, str]:
    return passage.kind.value, passage.link, passage.title


def _each_once(passages: Iterable[Passage]) -> list[Passage]:
    found: dict[str, Passage] = {}
    for passage in passages:
        found.setdefault(passage.id, passage)
    return list(found.values())
