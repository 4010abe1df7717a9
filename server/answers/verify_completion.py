"""A chat completion of a verification model: the last answer of a conversation, verified.

The content of the completion is the verification as JSON, whole when plain and in one chunk when streamed: half a
JSON object is of no use to anybody. Claims are judged before the first chunk, under keep-alive comments.
"""

import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
from sse_starlette import ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from inference.errors import BadInput, TouchstoneError
from server.accounts.sizes import Sizes
from server.accounts.visit import visit_of
from server.answers.counted import Spend, verify_counted
from server.answers.within_plan import check_reading
from server.errors import JSON, object_of
from server.house import House
from server.http.disconnect import unless_client_leaves
from server.http.events import DONE, event, event_stream
from server.wire.validation import stray_document, validated
from server.wire.verification import VERIFY_MODEL, ChatRequest, usage_json, verification_json
from tools.chat import CHAT_FIELDS
from tools.conversation import Message, question_of
from tools.question import Question
from tools.verification import News, Verification
from tools.verify import conclusion


async def verify_completion(request: Request, value: Mapping[str, Any]) -> Response:
    """The answer to `request`, whose body is `value`. What is no request counts as none."""
    house: House = request.app.state.house
    asked, visit = completion_request(value), visit_of(request.scope)
    await visit.enter(VERIFY_MODEL)
    sizes = visit.sizes(VERIFY_MODEL)
    if asked.stream:
        question = await _question(asked, sizes)
        news = verify_counted(house, question, CHAT_FIELDS, visit.spend)
        return await event_stream(news, partial(_chunks, asked=asked))
    answer = completion(house, asked, sizes, visit.spend)
    return Response(await unless_client_leaves(request, answer), media_type=JSON)


def completion_request(value: Mapping[str, Any]) -> ChatRequest:
    """The body `value`, checked. Raises BadInput, also for a document beside the messages, which would be dropped."""
    if name := stray_document(value):
        raise BadInput(
            f"a conversation takes no {name!r}: put it into a message, or verify with `context` at "
            "/v1/verify/reliability",
            name,
        )
    return validated(value, ChatRequest)


async def completion(house: House, asked: ChatRequest, sizes: Sizes | None, spend: Spend) -> bytes:
    """The whole completion as JSON. Raises BadInput for a conversation without an answer, ContextTooLong for one
    that is over `sizes`, and what `Verifier.stream` raises."""
    question = await _question(asked, sizes)
    return orjson.dumps(_completion(asked, await conclusion(verify_counted(house, question, CHAT_FIELDS, spend))))


async def _question(asked: ChatRequest, sizes: Sizes | None) -> Question:
    question = question_of([Message(m.role, m.text()) for m in asked.messages])
    await check_reading(sizes, question, CHAT_FIELDS)
    return replace(question, correct=bool(asked.correct))


def _completion(asked: ChatRequest, verification: Verification) -> dict[str, Any]:
    message = {"role": "assistant", "content": _content(asked, verification), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return _head(asked.model, "chat.completion") | {"choices": [choice], "usage": usage_json(verification.usage)}


async def _chunks(news: AsyncGenerator[News], asked: ChatRequest) -> AsyncGenerator[ServerSentEvent]:
    head = _head(asked.model, "chat.completion.chunk")
    with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
    try:
        verification = await conclusion(news)
    except TouchstoneError as error:
        yield event(object_of(error))
        return
    delta = {"role": "assistant", "content": _content(asked, verification)}
    usage: dict[str, Any] = {"usage": None} if with_usage else {}
    yield event(head | {"choices": [_delta(delta, None)]} | usage)
    yield event(head | {"choices": [_delta({}, "stop")]} | usage)
    if with_usage:
        yield event(head | {"choices": [], "usage": usage_json(verification.usage)})
    yield DONE


def _content(asked: ChatRequest, verification: Verification) -> str:
    # `search_results` is always part of the reference's answer here, empty unless asked for.
    body = {"search_results": []} | verification_json(verification, bool(asked.return_search_results))
    return orjson.dumps(body).decode()


def _delta(delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": kind, "created": int(time.time()), "model": model}
