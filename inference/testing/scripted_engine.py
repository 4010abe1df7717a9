"""An engine in memory that answers from a script: for tests of judges, gateways and clients, with no model at all.

It speaks the wire format of `Engine`: chat completions plain and as a stream, the list of models, and vLLM's count of
tokens. It keeps what it was asked (`heard`) and what was left before the answer was read (`aborted`). A request that
the script has no answer for is a fault of the test, and raises AssertionError.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from inference.engine.engine import EngineRequest
from inference.errors import EngineUnavailable
from inference.testing.scripted_reply import ScriptedReply, count, cut, refuses
from inference.urgency import Urgency

MODEL = "scripted"
CONTEXT_TOKENS = 8192
ASKED_TIMEOUT_S = 60.0
TEMPLATE_TOKENS = 8
"""Tokens that its chat template takes for each message."""
ENDING = "</s>"
"""What its tokenizer ends a text with, as that of RoBERTa does."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as the engine heard it, its JSON decoded."""

    path: str
    body: dict[str, Any]
    urgency: Urgency
    headers: Mapping[str, str]

    @property
    def messages(self) -> list[dict[str, str]]:
        """The messages of a chat."""
        found: list[dict[str, str]] = self.body.get("messages", [])
        return found


Script = Callable[[Heard], ScriptedReply] | Sequence[ScriptedReply]
"""An answer to each request, or the answers in their order."""


@dataclass(slots=True)
class _Reply:
    """A reply under way. `done` is whether its end was read."""

    status: int
    headers: Mapping[str, str]
    sent: tuple[bytes, ...]
    chunks_max: int | None
    done: bool = False

    async def chunks(self) -> AsyncIterator[bytes]:
        for number, chunk in enumerate(self.sent):
            if number == self.chunks_max:
                raise EngineUnavailable("The scripted engine broke its answer off.")
            yield chunk
            await asyncio.sleep(0)  # as on a network, others run between two chunks
        self.done = True

    async def read(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])


@dataclass(slots=True)
class ScriptedEngine:
    """Answers from `script`. `served` are model objects as in `GET /v1/models`; those of vLLM by default.

    With `counts_tokens` it answers `/tokenize` as vLLM does, by itself; without, 404 as others do. `down` may be set to
    have it unreachable from then on.
    """

    script: Script
    served: Sequence[dict[str, Any]] = ()
    name: str = "scripted engine"
    counts_tokens: bool = True
    down: bool = False
    heard: list[Heard] = field(default_factory=list)
    aborted: list[Heard] = field(default_factory=list)
    closed: bool = False
    _answers: Iterator[ScriptedReply] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def open(self, request: EngineRequest) -> AsyncIterator[_Reply]:
        heard = Heard(request.path, orjson.loads(request.body), request.urgency, request.headers)
        if self.down:
            raise EngineUnavailable(f"{self.name} is down.")
        self.heard.append(heard)
        self._news.set()
        scripted = self._tokenized(heard) if heard.path == "/tokenize" else self._scripted(heard)
        if scripted.unreachable:
            raise EngineUnavailable(f"{self.name} is down.")
        reply = _reply_of(scripted, bool(heard.body.get("stream")))
        try:
            if scripted.release is not None:
                await scripted.release.wait()
            yield reply
        finally:
            if not reply.done:
                self.aborted.append(heard)

    async def models(self) -> list[dict[str, Any]]:
        if self.down:
            raise EngineUnavailable(f"{self.name} is down.")
        return list(self.served) or [model_object()]

    async def aclose(self) -> None:
        self.closed = True

    async def until_asked(self, count: int, path: str = "chat/completions") -> None:
        """Returns once `count` requests have come under `path`. Raises TimeoutError after ASKED_TIMEOUT_S."""
        async with asyncio.timeout(ASKED_TIMEOUT_S):
            while len(self.asked(path)) < count:
                self._news.clear()
                await self._news.wait()

    def asked(self, path: str = "chat/completions") -> list[Heard]:
        """What was asked under `path`, in order."""
        return [heard for heard in self.heard if heard.path == path]

    def _scripted(self, heard: Heard) -> ScriptedReply:
        if callable(self.script):
            return self.script(heard)
        if self._answers is None:
            self._answers = iter(self.script)
        answer = next(self._answers, None)
        if answer is None:
            raise AssertionError(f"the script has {len(self.script)} answers, and this is one more: {heard.body}")
        return answer

    def _tokenized(self, heard: Heard) -> ScriptedReply:
        if not self.counts_tokens:
            return refuses(404, "Not Found")
        texts = [message["content"] for message in heard.messages] or [heard.body.get("prompt", "")]
        count = sum(TEMPLATE_TOKENS + tokens_in(text) for text in texts)
        counted: dict[str, Any] = {"count": count, "max_model_len": CONTEXT_TOKENS, "tokens": []}
        if heard.body.get("return_token_strs"):
            pieces = [token.text.decode() for text in texts for token in cut(text)]
            counted["token_strs"] = ["<s>", *pieces, ENDING]
        return ScriptedReply(body=orjson.dumps(counted))


def model_object(name: str = MODEL, **fields: Any) -> dict[str, Any]:
    """A model as vLLM lists it; `fields` replace or add."""
    described = {"id": name, "object": "model", "created": 0, "owned_by": "vllm", "max_model_len": CONTEXT_TOKENS}
    return described | fields


def tokens_in(text: str) -> int:
    """Tokens that the scripted engine counts in `text`."""
    return count(text)


def _reply_of(scripted: ScriptedReply, stream: bool) -> _Reply:
    if stream and scripted.stream and scripted.status == 200:
        return _Reply(200, {"content-type": "text/event-stream"}, scripted.stream, scripted.chunks_max)
    return _Reply(scripted.status, scripted.headers, (scripted.body,), scripted.chunks_max)
