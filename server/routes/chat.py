"""`POST /v1/chat/completions`: who answers it. A verification model is ours; every other model is an engine's.

`POST /v1/completions`, the older form, goes to the engine too: nothing of ours answers it.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.accounts.asked_fields import CHAT, COMPLETIONS
from server.accounts.visit import visit_of
from server.answers.pass_through import engine_for, pass_through
from server.answers.verified_chat import OUR_FIELDS, verified_chat
from server.answers.verify_completion import verify_completion
from server.answers.who_answers import engine_of_chat, model_of
from server.answers.within_plan import fields_of_request, with_fields
from server.house import House
from server.http.body import read_object


async def chat_completions(request: Request) -> Response:
    body, value = await read_object(request)
    house: House = request.app.state.house
    engine = await engine_of_chat(house, value)
    if engine is None:
        return await verify_completion(request, value)
    await visit_of(request.scope).enter(model_of(value))
    fields = await fields_of_request(request, engine, CHAT, value, len(body))
    if not OUR_FIELDS.isdisjoint(value):
        return verified_chat(request, engine, _with(value, fields))
    return pass_through(request, engine, CHAT, with_fields(body, fields), _with(value, fields))


async def completions(request: Request) -> Response:
    body, value = await read_object(request)
    house: House = request.app.state.house
    model = model_of(value)
    engine = await engine_for(house, model)
    await visit_of(request.scope).enter(model)
    fields = await fields_of_request(request, engine, COMPLETIONS, value, len(body))
    return pass_through(request, engine, COMPLETIONS, with_fields(body, fields), _with(value, fields))


def _with(value: dict[str, Any], fields: Mapping[str, int]) -> dict[str, Any]:
    return {**value, **fields} if fields else value
