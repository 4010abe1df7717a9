"""`POST /v1/chat/completions` with a verification model: the last answer of a conversation, verified.

The content of the completion is the verification as JSON, whole when plain and in one chunk when streamed: half a
JSON object is of no use to anybody. Claims are judged before the first chunk, under keep-alive comments.
"""

import secrets
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from typing import Any

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
from server.wire import VERIFY_MODELS, ChatRequest, usage_json, verification_json
from tools.conversation import Message, question_of
from tools.embed import MODEL as EMBEDDING_MODEL
from tools.question import FieldNames
from tools.verification import News, Verification
from tools.verify import conclusion

CHAT_FIELDS = FieldNames("messages", "messages", "messages")


async def chat_completions(request: Request) -> Response:
    house: House = request.app.state.house
    asked = await read_json(request, ChatRequest)
    refuse_other_model(asked.model)
    question = question_of([Message(m.role, m.text()) for m in asked.messages])
    question = replace(question, correct=bool(asked.correct))
    news = verify_counted(house, question, CHAT_FIELDS)
    if asked.stream:
        return await event_stream(news, partial(_chunks, asked=asked))
    verification = await unless_client_leaves(request, conclusion(news))
    return Response(orjson.dumps(_completion(asked, verification)), media_type=JSON)


def refuse_other_model(model: str) -> None:
    """Raises ModelNotFound unless `model` verifies."""
    if model == EMBEDDING_MODEL:
        raise ModelNotFound(f"The model {model!r} makes embeddings and does not chat: ask /v1/embeddings.", "model")
    if model not in VERIFY_MODELS:
        raise ModelNotFound(
            f"The model {model!r} does not exist here. Models: {', '.join(VERIFY_MODELS)}. Other models need an "
            "engine, an OpenAI-compatible server such as `vllm serve`. This version cannot pass requests on to "
            "one yet: point your client's base URL at the engine itself, and at this server to verify.",
            "model",
        )


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
