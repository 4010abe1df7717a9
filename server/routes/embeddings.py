"""`POST /v1/embeddings`: texts to embeddings, with the encoder that ships or with an engine's model."""

from starlette.requests import Request
from starlette.responses import Response

from server.accounts.asked_fields import EMBEDDINGS
from server.accounts.visit import visit_of
from server.answers.own_embeddings import own_embeddings
from server.answers.pass_through import pass_through
from server.answers.who_answers import engine_of_embeddings, model_of
from server.answers.within_plan import fields_of_request
from server.errors import JSON
from server.house import House
from server.http.body import read_object
from server.http.disconnect import unless_client_leaves
from tools.embed import MODEL


async def embeddings(request: Request) -> Response:
    house: House = request.app.state.house
    body, value = await read_object(request)
    engine = await engine_of_embeddings(house, value)
    visit = visit_of(request.scope)
    await visit.enter(model_of(value))
    if engine is not None:
        await fields_of_request(request, engine, EMBEDDINGS, value, len(body))
        return pass_through(request, engine, EMBEDDINGS, body, value)
    if (sizes := visit.sizes(MODEL)) is not None:
        sizes.check_estimate(EMBEDDINGS, value)
    return Response(await unless_client_leaves(request, own_embeddings(house, value, visit.spend)), media_type=JSON)
