"""`/v1/batches`: make a batch, list them, look at one, cancel one. OpenAI's and the reference's shapes."""

import orjson
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from inference.batches.batch import Batch
from server.accounts.visit import owner_of, visit_of
from server.errors import JSON
from server.house import House
from server.http.body import read_json
from server.wire.batches import PRIORITIES, BatchRequest, batch_json, batch_list_json
from server.wire.paging import after_of, limit_of
from tools.batches import PAGE_DEFAULT, PAGE_MAX


class BatchesEndpoint(HTTPEndpoint):
    """`/v1/batches`."""

    async def get(self, request: Request) -> Response:
        house: House = request.app.state.house
        limit, after = limit_of(request, PAGE_DEFAULT, PAGE_MAX), after_of(request)
        page = await house.batches.page(owner_of(request.scope), after=after, limit=limit)
        body = batch_list_json(page, limit=limit, is_first=after is None)
        return Response(orjson.dumps(body), media_type=JSON)

    async def post(self, request: Request) -> Response:
        house: House = request.app.state.house
        asked = await read_json(request, BatchRequest)
        expires = asked.output_expires_after
        caller = visit_of(request.scope).caller
        batch = await house.batches.create(
            caller.owner,
            input_file_id=asked.input_file_id,
            endpoint=asked.endpoint,
            completion_window=asked.completion_window,
            metadata=asked.metadata,
            priority=PRIORITIES[asked.priority],
            output_expires_after_s=expires.seconds if expires else None,
            key_id=caller.key_id,
            plan=caller.plan,
        )
        return _answer(batch)


async def get_batch(request: Request) -> Response:
    house: House = request.app.state.house
    return _answer(await house.batches.get(owner_of(request.scope), request.path_params["batch_id"]))


async def cancel_batch(request: Request) -> Response:
    house: House = request.app.state.house
    return _answer(await house.batches.cancel(owner_of(request.scope), request.path_params["batch_id"]))


def _answer(batch: Batch) -> Response:
    return Response(orjson.dumps(batch_json(batch)), media_type=JSON)
