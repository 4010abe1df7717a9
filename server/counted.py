"""Verifications on behalf of an endpoint: the same news, counted in the metrics."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from inference.errors import TouchstoneError
from inference.spans import VERIFICATION, span
from server.errors import row_of
from server.house import House
from tools.question import FieldNames, Question
from tools.verification import News, Verification


async def verify_counted(house: House, question: Question, fields: FieldNames) -> AsyncGenerator[News]:
    """The news of one verification. Raises what `Verifier.stream` raises."""
    try:
        with span(VERIFICATION) as verifying:
            async with aclosing(house.verifier.stream(question, fields)) as news:
                async for item in news:
                    if isinstance(item, Verification):
                        house.metrics.count(item)
                        verifying.note(judge=item.judge, claims=len(item.claims), verdict=str(item.verdict))
                    yield item
    except TouchstoneError as error:
        house.metrics.failures.labels(row_of(error).code).inc()
        raise
