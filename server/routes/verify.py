"""`POST /v1/verify/reliability`: the reference's endpoint, and the same as server-sent events.

Events: `step` for what is done meanwhile, `claim` for each claim as it is judged, `verdict` with the whole
verification, then `data: [DONE]`. A failure before the claims are known has its HTTP status; a later one is an `error`
event, and no verdict follows.
"""

from collections.abc import AsyncGenerator
from functools import partial

from sse_starlette import ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import TouchstoneError
from server.accounts.visit import visit_of
from server.answers.reliability import question_of_request, reliability, verify_news, verify_request
from server.answers.within_plan import check_reading
from server.errors import JSON, object_of
from server.house import House
from server.http.body import read_object
from server.http.disconnect import unless_client_leaves
from server.http.events import DONE, event, event_stream
from server.wire.verification import VERIFY_MODEL, claim_json, verification_json
from tools.question import REST_FIELDS
from tools.verification import ClaimJudged, News, Step, Verification


async def verify_reliability(request: Request) -> Response:
    house: House = request.app.state.house
    asked = verify_request((await read_object(request))[1])
    visit = visit_of(request.scope)
    await visit.enter(VERIFY_MODEL)
    await check_reading(visit.sizes(VERIFY_MODEL), question_of_request(asked), REST_FIELDS)
    if asked.stream:
        events = partial(_events, with_search_results=bool(asked.return_search_results))
        return await event_stream(verify_news(house, asked, visit.spend), events)
    return Response(await unless_client_leaves(request, reliability(house, asked, visit.spend)), media_type=JSON)


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
