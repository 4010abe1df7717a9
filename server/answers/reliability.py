"""A verification for `/v1/verify/reliability`: from the body of a request to the body of its answer."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson

from inference.errors import ModelNotFound
from server.answers.counted import Spend, verify_counted
from server.house import House
from server.wire.validation import validated
from server.wire.verification import VERIFY_MODELS, VerifyRequest, verification_json
from tools.question import REST_FIELDS, Question
from tools.verification import News
from tools.verify import conclusion


def verify_request(value: Mapping[str, Any]) -> VerifyRequest:
    """The body `value`, checked. Raises BadInput, and ModelNotFound for a model that does not verify."""
    asked = validated(value, VerifyRequest)
    if asked.model is not None and asked.model not in VERIFY_MODELS:
        raise ModelNotFound(
            f"model {asked.model!r} does not verify; leave `model` out or use one of: {', '.join(VERIFY_MODELS)}",
            "model",
        )
    return asked


def question_of_request(asked: VerifyRequest) -> Question:
    """What is to be verified."""
    return Question(asked.prompt, asked.output, asked.context, correct=bool(asked.correct))


def verify_news(house: House, asked: VerifyRequest, spend: Spend) -> AsyncGenerator[News]:
    """The news of the verification that is asked for. Raises what `Verifier.stream` raises."""
    return verify_counted(house, question_of_request(asked), REST_FIELDS, spend)


async def reliability(house: House, asked: VerifyRequest, spend: Spend) -> bytes:
    """The answer as JSON. Raises what `Verifier.stream` raises."""
    verification = await conclusion(verify_news(house, asked, spend))
    return orjson.dumps(verification_json(verification, bool(asked.return_search_results)))
