"""`POST /v1/verify/reliability`: the reference's endpoint, and the same as server-sent events.

Events: `step` for what is done meanwhile, `claim` for each claim as it is judged, `verdict` with the whole
verification, then `data: [DONE]`. A failure before the claims are known has its HTTP status; a later one is an `error`
event, and no verdict follows.
"""

from collections.abc import AsyncGenerator
from functools import partial

import orjson
from sse_starlette import ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import ModelNotFound, TouchstoneError
from server.body import read_json
from server.counted import verify_counted
from server.disconnect import unless_client_leaves
from server.errors import JSON, object_of
from server.events import DONE, event, event_stream
from server.house import House
from server.wire import VERIFY_MODELS, VerifyRequest, claim_json, verification_json
from tools.question import REST_FIELDS, Question
from tools.verification import ClaimJudged, News, Step, Verification
from tools.verify import conclusion


async def verify_reliability(request: Request) -> Response:
    house: House = request.app.state.house
    asked = await read_json(request, VerifyRequest)
    if asked.model is not None and asked.model not in VERIFY_MODELS:
        raise ModelNotFound(
            f"model {asked.model!r} does not verify; leave `model` out or use one of: {', '.join(VERIFY_MODELS)}",
            "model",
        )
    question = Question(asked.prompt, asked.output, asked.context, correct=bool(asked.correct))
    news = verify_counted(house, question, REST_FIELDS)
    with_search_results = bool(asked.return_search_results)
    if asked.stream:
        return await event_stream(news, partial(_events, with_search_results=with_search_results))
    verification = await unless_client_leaves(request, conclusion(news))
    return Response(orjson.dumps(verification_json(verification, with_search_results)), media_type=JSON)


async def _events(news: AsyncGenerator[News], with_search_results: bool) -> AsyncGenerator[ServerSentEvent]:
    try:
        async for item in news:
            if isinstance(item, ClaimJudged):
                yield event(claim_json(item.claim) | {"index": item.index, "total": item.total}, "claim")
            elif isinstance(item, Step):
                yield event({"text": item.text}, "step")
            elif isinstance(item, Verification):
                yield event(verification_json(item, with_search_results), "verdict")
    except TouchstoneError as error:
        yield event(object_of(error), "error")
    yield DONE
