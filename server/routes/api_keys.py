"""`/v1/api-keys`, for an administrator's key: make a key, list them, look at one, revoke one, give one another plan or
another text.

The text of a key is in the answer that made it, and in no other. The last administrator may revoke itself: who holds a
key that leaked must be able to stop it, and `touchstone keys` makes another one.
"""

import time

import orjson
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import BadInput
from server.accounts.accounts import Accounts
from server.accounts.key_records import ApiKey
from server.accounts.new_keys import LIFETIME_MAX_S, LIFETIME_MIN_S, check_name, check_plan
from server.errors import JSON
from server.http.body import read_json
from server.observe.logs import log_action
from server.wire.keys import ApiKeyChange, ApiKeyRequest, key_json, key_list_json
from server.wire.paging import after_of, limit_of, newest_first_of

PAGE_DEFAULT, PAGE_MAX = 20, 100

_NOT_KEPT = {"cache-control": "no-store"}
"""Of an answer that holds a key: nothing between here and the caller is to keep it."""


class ApiKeysEndpoint(HTTPEndpoint):
    """`/v1/api-keys`."""

    async def get(self, request: Request) -> Response:
        limit = limit_of(request, PAGE_DEFAULT, PAGE_MAX)
        found = await _accounts(request).keys.page(
            after=after_of(request), limit=limit + 1, newest_first=newest_first_of(request)
        )
        body = key_list_json(found[:limit], time.time(), has_more=len(found) > limit)
        return Response(orjson.dumps(body), media_type=JSON)

    async def post(self, request: Request) -> Response:
        accounts = _accounts(request)
        asked = await read_json(request, ApiKeyRequest)
        key, text = await accounts.keys.create(
            check_name(asked.name),
            plan=check_plan(asked.plan, accounts.plans),
            expires_at=_expires_at(asked.expires_after),
            is_admin=asked.is_admin,
            same_owner_as=asked.same_owner_as,
        )
        accounts.keyring.look_anew()
        log_action("key_created", key=key.id, admin=key.is_admin)
        return _shown(key, text)


class ApiKeyEndpoint(HTTPEndpoint):
    """`/v1/api-keys/{key_id}`."""

    async def get(self, request: Request) -> Response:
        key = await _accounts(request).keys.get(request.path_params["key_id"])
        return Response(orjson.dumps(key_json(key, time.time())), media_type=JSON)

    async def post(self, request: Request) -> Response:
        accounts = _accounts(request)
        asked = await read_json(request, ApiKeyChange)
        plan = check_plan(asked.plan, accounts.plans)
        key = await accounts.keys.give_plan(request.path_params["key_id"], plan)
        accounts.keyring.look_anew()
        log_action("key_plan_given", key=key.id, plan=plan or "default")
        return Response(orjson.dumps(key_json(key, time.time())), media_type=JSON)

    async def delete(self, request: Request) -> Response:
        accounts = _accounts(request)
        key = await accounts.keys.revoke(request.path_params["key_id"])
        accounts.keyring.look_anew()
        log_action("key_revoked", key=key.id)
        return Response(orjson.dumps({"id": key.id, "object": "api_key", "deleted": True}), media_type=JSON)


async def rotate_api_key(request: Request) -> Response:
    """`POST /v1/api-keys/{key_id}/rotate`."""
    accounts = _accounts(request)
    key, text = await accounts.keys.rotate(request.path_params["key_id"])
    accounts.keyring.look_anew()
    log_action("key_rotated", key=key.id)
    return _shown(key, text)


def _expires_at(after_s: int | None) -> int | None:
    if after_s is None:
        return None
    if not LIFETIME_MIN_S <= after_s <= LIFETIME_MAX_S:
        raise BadInput(
            f"expires_after: {after_s} is out of bounds; take {LIFETIME_MIN_S} to {LIFETIME_MAX_S} seconds, or leave "
            "it out for a key without an end",
            "expires_after",
        )
    return int(time.time()) + after_s


def _shown(key: ApiKey, text: str) -> Response:
    return Response(orjson.dumps(key_json(key, time.time(), text)), headers=_NOT_KEPT, media_type=JSON)


def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.house.accounts
    return accounts
