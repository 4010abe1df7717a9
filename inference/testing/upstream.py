"""An engine without a model, over real HTTP, to test with and to try a client out.

`python -m inference.testing.upstream` starts one.

How it behaves is chosen by the model that is asked for, one of BEHAVIOURS. It answers chat completions, completions,
embeddings and the list of models, remembers what it received, and counts the requests whose caller left before the end.
Its JSON has odd white space on purpose, so that a gateway which writes it anew is caught.
"""

import argparse
import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

BEHAVIOURS = {
    "echo": "answers with the last message, at once",
    "slow": "the same, with a pause before each chunk",
    "tools": "answers with a call of a tool and no text",
    "silent": "never answers, unless a test has it speak: then as echo",
    "stalling": "sends the first chunk and then nothing",
    "breaking": "breaks the connection in the middle of an event, or of the body",
    "failing": "answers 500",
    "loading": "answers 503, as while a model is loaded",
    "full": "answers 429 and when to try again",
    "narrow": "answers 400: more tokens than its context has",
    "strict": "answers 422 in the shape of FastAPI",
    "locked": "answers 401",
    "garbage": "answers 200 and a web page",
    "dropping": "closes the connection without an answer",
    "dropping-reused": "the same, but on a connection that had a request before; else as echo",
}
TOOL_CALL = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
CHUNKS = 4
SLOW_S = 0.2
BODY_BYTES_MAX = 64 * 1024 * 1024
RECEIVED_MAX = 1_000
"""Requests remembered, the newest."""


class _HungUp(asyncio.CancelledError):
    """It was this end that left. To the server a cancelled request is nothing to report."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came. Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Upstream:
    """The server. `answers` says what is answered to a last message, the message itself if it is not there."""

    def __init__(
        self,
        answers: Mapping[str, str] | None = None,
        *,
        key: str = "",
        owner: str = "upstream",
        context_tokens: int | None = None,
        tokenizes: bool = True,
    ) -> None:
        """`context_tokens` is what its models read at once, if it says so. Its tokens are words."""
        self.received: list[Received] = []
        self.aborted = 0
        self.under_way = 0
        """Requests that have come and not ended, in whichever way."""
        self.speaks = asyncio.Event()
        """While it is set, the model "silent" answers, those included who wait for it already."""
        self.url = ""
        self._answers = dict(answers or {})
        self._key = key
        self._model: dict[str, Any] = {"object": "model", "created": 1, "owned_by": owner}
        if context_tokens is not None:
            self._model["max_model_len"] = context_tokens
        self._tokenizes = tokenizes
        self._of_connection: Counter[object] = Counter()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listens on loopback, on a free port if 0; `url` then says where."""
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._observed)
        app.router.add_post("/v1/completions", self._observed)
        app.router.add_post("/v1/embeddings", self._observed)
        if self._tokenizes:
            app.router.add_post("/tokenize", self._observed)
        app.router.add_get("/received", self._told)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stops listening; requests under way break off."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _models(self, request: web.Request) -> web.Response:
        if self._key and request.headers.get("authorization") != f"Bearer {self._key}":
            return _refusal(401, {"error": {"message": "Unauthorized"}})
        data = [{"id": name, **self._model} for name in BEHAVIOURS]
        return web.json_response({"object": "list", "data": data})

    async def _told(self, request: web.Request) -> web.Response:
        return web.json_response({"received": len(self.received), "aborted": self.aborted})

    async def _observed(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received = [*self.received[-RECEIVED_MAX + 1 :], Received(request.path, headers, body)]
        self.under_way += 1
        try:
            return await self._answer(request, json.loads(body))
        except (asyncio.CancelledError, ConnectionResetError) as error:
            self.aborted += not isinstance(error, _HungUp)
            raise
        finally:
            self.under_way -= 1

    async def _answer(self, request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        model = asked.get("model", "echo")
        self._of_connection[_peer(request)] += 1
        seen = self._of_connection[_peer(request)]
        if model == "silent":
            await self.speaks.wait()
        if model == "dropping" or (model == "dropping-reused" and seen > 1):
            _transport(request).abort()
            raise _HungUp
        if model in _REFUSALS:
            return _refusal(*_REFUSALS[model])
        if model == "garbage":
            return web.Response(text="<html>Welcome to nginx!</html>", content_type="text/html")
        if request.path == "/tokenize":
            return web.json_response({"count": _words(asked)})
        if request.path == "/v1/embeddings":
            return _whole(_embeddings(asked, model))
        text = self._text(asked)
        if asked.get("stream"):
            with_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
            return await _stream(request, model, text, with_usage)
        return await _plain(request, model, text)

    def _text(self, asked: dict[str, Any]) -> str:
        last = asked["messages"][-1]["content"] if asked.get("messages") else asked.get("prompt", "")
        if isinstance(last, list):
            last = " ".join(part.get("text", "") for part in last)
        return self._answers.get(str(last), str(last))


_REFUSALS: dict[str, tuple[int, dict[str, Any], dict[str, str]]] = {
    "failing": (500, {"error": {"message": "CUDA error", "type": "InternalServerError", "code": 500}}, {}),
    "loading": (503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, {}),
    "full": (
        429,
        {"error": {"message": "Rate limit reached", "type": "requests", "param": None, "code": "rate_limit_exceeded"}},
        {"retry-after": "7", "x-ratelimit-remaining-requests": "0", "server": "secret/1.0"},
    ),
    "narrow": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 16 tokens. However, your prompt has 99.",
                "type": "BadRequestError",
                "param": "input_tokens",
                "code": 400,
            }
        },
        {},
    ),
    "strict": (422, {"detail": [{"loc": ["body", "messages"], "msg": "field required"}]}, {}),
    "locked": (401, {"error": "Unauthorized"}, {}),
}


def _refusal(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers)


async def _plain(request: web.Request, model: str, text: str) -> web.StreamResponse:
    if model == "slow":
        await asyncio.sleep(SLOW_S)
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if model == "tools":
        message = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}
    choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": "stop"}
    if request.path == "/v1/completions":
        choice = {"index": 0, "text": text, "finish_reason": "stop"}
    answer = _whole(_head(model, "chat.completion") | {"choices": [choice], "usage": _usage(text), "odd": 1.5})
    if model in ("breaking", "stalling"):
        half = web.StreamResponse(headers={"content-type": "application/json", "content-length": "1000"})
        await half.prepare(request)
        await half.write(cast(bytes, answer.body)[:20])
        await _end_badly(request, model)
    return answer


async def _stream(request: web.Request, model: str, text: str, with_usage: bool) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    number = 0
    async for event in _events(model, text, with_usage):
        number += 1
        if number == 2 and model in ("breaking", "stalling"):
            await response.write(event[:30])
            await _end_badly(request, model)
        await response.write(event)
    return response


async def _events(model: str, text: str, with_usage: bool) -> AsyncIterator[bytes]:
    size = -(-len(text) // CHUNKS) or 1
    head = _head(model, "chat.completion.chunk")
    if model == "tools":
        yield _event(head | {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0} | TOOL_CALL]}}]})
        text = ""
    for start in range(0, len(text), size):
        if model == "slow":
            await asyncio.sleep(SLOW_S)
        yield _event(head | {"choices": [{"index": 0, "delta": {"content": text[start : start + size]}}]})
    yield _event(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if with_usage:
        yield _event(head | {"choices": [], "usage": _usage(text)})
    yield b"data: [DONE]\n\n"


async def _end_badly(request: web.Request, model: str) -> None:
    if model == "stalling":
        await asyncio.Event().wait()
    await asyncio.sleep(0)  # what was written goes out before the connection goes
    _transport(request).close()
    raise _HungUp


def _words(asked: dict[str, Any]) -> int:
    said = [message.get("content") for message in asked.get("messages", [])] or [asked.get("prompt", "")]
    return sum(len(str(text).split()) for text in said)


def _usage(text: str) -> dict[str, int]:
    words = len(text.split())
    return {"prompt_tokens": 3, "completion_tokens": words, "total_tokens": 3 + words}


def _embeddings(asked: dict[str, Any], model: str) -> dict[str, Any]:
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    data = [{"object": "embedding", "index": i, "embedding": [0.25, -0.5]} for i in range(len(texts))]
    return {"object": "list", "model": model, "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-upstream", "object": kind, "created": 1, "model": model, "system_fingerprint": "fp_1"}


def _whole(value: dict[str, Any]) -> web.Response:
    headers = {"x-request-id": "the-upstreams-own", "x-ratelimit-limit-requests": "60", "server": "secret/1.0"}
    body = json.dumps(value, indent=1).replace("1.5", "1.50").encode()
    return web.Response(body=body, content_type="application/json", headers=headers)


def _event(value: dict[str, Any]) -> bytes:
    return b"data:  " + json.dumps(value).encode() + b"\n\n"


def _transport(request: web.Request) -> asyncio.Transport:
    if request.transport is None:
        raise ConnectionResetError
    return request.transport


def _peer(request: web.Request) -> object:
    """What tells one connection from another: the address of its other end."""
    return _transport(request).get_extra_info("peername")


async def _serve(port: int) -> None:
    upstream = Upstream()
    await upstream.start(port)
    print(f"{upstream.url}/v1  models: {', '.join(BEHAVIOURS)}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serves until it is told to stop."""
    parser = argparse.ArgumentParser(description="An engine without a model. The model asked for says how it behaves.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
