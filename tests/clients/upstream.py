"""A server of language models to stand behind Touchstone: real HTTP, OpenAI's wire format, answers that a test writes.

It runs in a thread of the test, so that the test can read what arrived and hold a stream back until its first words
have come out at the other end. It knows no model: what it answers depends on the request alone. It has no failures;
those of engines are played by `inference.testing.upstream`, before the same gateway.
"""

import asyncio
import base64
import json
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

MODEL = "guide/tiny"  # with a slash, as names on Hugging Face have
EMBEDDING_MODEL = "guide/embedder"
EMBEDDING = (0.25, -0.5, 1.0)  # exact in 32 bits: the same numbers as floats and as base64
HELD_S_MAX = 60.0  # a stream that is held back for longer breaks off
START_S_MAX = 10.0


@dataclass(frozen=True)
class Call:
    """A tool that the model wants called."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Says:
    """An answer: text, whose words are one chunk each in a stream, or calls of tools."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    held: bool = False
    """A stream stops after its first word until the test calls `Upstream.release`."""


Script = Callable[[dict[str, Any]], Says]
"""From the body of a request to its answer."""


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    path: str
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.raw)
        return body

    @property
    def messages(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.body["messages"]
        return messages


@dataclass
class Upstream:
    """The running server. Each test gives it a script of its own."""

    key: str
    script: Script = field(default=lambda body: Says())
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    _released: threading.Event = field(default_factory=threading.Event)

    def follow(self, script: Script) -> None:
        """Forgets what arrived, and answers by `script` from now on."""
        self.script = script
        self.asked.clear()
        self._released.clear()

    def release(self) -> None:
        """Lets a stream that is held back go on."""
        self._released.set()

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._refuse_strangers])
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embeddings)
        return app

    @web.middleware
    async def _refuse_strangers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "Wrong key.", "code": "invalid_api_key"}}, status=401)
        return await handler(request)

    async def _models(self, request: web.Request) -> web.Response:
        names = (MODEL, EMBEDDING_MODEL)
        models = [{"id": name, "object": "model", "created": 1, "owned_by": "guide"} for name in names]
        return web.json_response({"object": "list", "data": models})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await self._note(request)
        says = self.script(body)
        if body.get("stream"):
            return await self._stream(request, body, says)
        return web.json_response(_completion(says, logprobs=bool(body.get("logprobs"))))

    async def _embeddings(self, request: web.Request) -> web.Response:
        body = await self._note(request)
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        packed = base64.b64encode(struct.pack("<3f", *EMBEDDING)).decode()
        vector = packed if body.get("encoding_format") == "base64" else list(EMBEDDING)
        data = [{"object": "embedding", "index": index, "embedding": vector} for index in range(len(texts))]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})

    async def _note(self, request: web.Request) -> dict[str, Any]:
        asked = Asked(request.path, await request.read())
        self.asked.append(asked)
        return asked.body

    async def _stream(self, request: web.Request, body: dict[str, Any], says: Says) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        async for chunk in self._chunks(says, with_usage):
            await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _chunks(self, says: Says, with_usage: bool) -> AsyncIterator[dict[str, Any]]:
        yield _chunk({"role": "assistant", "content": ""})
        for index, word in enumerate(_words(says.text)):
            if says.held and index == 1 and not await asyncio.to_thread(self._released.wait, HELD_S_MAX):
                raise TimeoutError("nobody has seen the first word")  # breaks the stream off
            yield _chunk({"content": word})
        if says.calls:
            yield _chunk({"tool_calls": [{"index": index} | call for index, call in enumerate(_calls(says))]})
        yield _chunk({}, "tool_calls" if says.calls else "stop")
        if with_usage:
            yield _chunk({}) | {"choices": [], "usage": _usage(says)}


@contextmanager
def upstream_serving(key: str) -> Iterator[Upstream]:
    """Runs an upstream on a free port until left. Requests without `key` are refused."""
    upstream = Upstream(key)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_start(upstream), loop).result(START_S_MAX)
    try:
        yield upstream
    finally:
        upstream.release()
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(START_S_MAX)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S_MAX)
        loop.close()


async def _start(upstream: Upstream) -> web.AppRunner:
    runner = web.AppRunner(upstream.application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    upstream.url = f"http://{host}:{port}"
    return runner


def _completion(says: Says, *, logprobs: bool) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": says.text or None}
    if says.calls:
        message["tool_calls"] = list(_calls(says))
    choice = {
        "index": 0,
        "message": message,
        "logprobs": _logprobs(says.text) if logprobs else None,
        "finish_reason": "tool_calls" if says.calls else "stop",
    }
    return _head("chat.completion") | {"choices": [choice], "usage": _usage(says)}


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _head("chat.completion.chunk") | {"choices": [choice]}


def _head(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-guide", "object": kind, "created": 1, "model": MODEL}


def _calls(says: Says) -> Iterator[dict[str, Any]]:
    for number, call in enumerate(says.calls):
        function = {"name": call.name, "arguments": json.dumps(call.arguments)}
        yield {"id": f"call_{call.name}_{number}", "type": "function", "function": function}


def _logprobs(text: str) -> dict[str, Any]:
    top = [{"token": "other", "logprob": -3.5, "bytes": None}]
    content = [{"token": word, "logprob": -0.125, "bytes": None, "top_logprobs": top} for word in _words(text)]
    return {"content": content}


def _usage(says: Says) -> dict[str, int]:
    count = len(_words(says.text))
    return {"prompt_tokens": 7, "completion_tokens": count, "total_tokens": 7 + count}


def _words(text: str) -> list[str]:
    """The words, each with the space before it."""
    return [word if index == 0 else f" {word}" for index, word in enumerate(text.split(" "))] if text else []
