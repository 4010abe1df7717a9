"""Verifications on behalf of an endpoint: the same news, counted in the metrics and for who asked."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from inference.errors import TouchstoneError
from inference.spans import VERIFICATION, span
from inference.usage.token_usage import TokenUsage
from server.errors import row_of
from server.house import House
from server.wire.verification import VERIFY_MODEL
from tools.question import FieldNames, Question
from tools.verification import News, Usage, Verification

Spend = Callable[[str, TokenUsage], None]
"""Notes tokens of a model for who asked, such as `Visit.spend`."""


async def verify_counted(house: House, question: Question, fields: FieldNames, spend: Spend) -> AsyncGenerator[News]:
    """The news of one verification. Raises what `Verifier.stream` raises.

    Its tokens are known, and noted, with the verification: of one that fails, or that nobody waits for, none are.
    """
    try:
        with span(VERIFICATION) as verifying:
            async with aclosing(house.verifier.stream(question, fields)) as news:
                async for item in news:
                    if isinstance(item, Verification):
                        house.metrics.count(item)
                        spend(VERIFY_MODEL, tokens_in(item.usage))
                        verifying.note(judge=item.judge, claims=len(item.claims), verdict=str(item.verdict))
                    yield item
    except TouchstoneError as error:
        house.metrics.failures.labels(row_of(error).code).inc()
        raise


def tokens_in(usage: Usage) -> TokenUsage:
    """The tokens of a verification, or of a chat."""
    return TokenUsage(usage.prompt_tokens, usage.completion_tokens)
