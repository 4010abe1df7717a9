"""Answers the lines of a batch as the endpoints answer requests, by the same parts of the house.

What an endpoint would answer with a 4xx is an answer; whatever else goes wrong is an error that says whether another
try makes sense (`line_failures.py`). Nothing is asked over HTTP that is in this process.
"""

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import orjson

from inference.batches.batch import Batch, Endpoint
from inference.batches.line import Line, LineAnswer
from inference.engine.engine import Engine, EngineRequest
from inference.engine.refusal import refusal_of
from inference.errors import BadInput, EngineUnreadable, TouchstoneError
from inference.urgency import Urgency, working_at
from inference.usage.token_usage import TokenUsage
from inference.usage.used import NOTHING, Used
from server.accounts.asked_fields import CHAT, EMBEDDINGS, check_names
from server.accounts.sizes import Sizes
from server.answers.line_failures import INTERNAL, again_of, failed, refused
from server.answers.line_tokens import tokens_of
from server.answers.own_embeddings import own_embeddings
from server.answers.pass_through import is_stream, read_object_of
from server.answers.reliability import question_of_request, reliability, verify_request
from server.answers.verified_chat import OUR_FIELDS, VerifiedChat, text_of_completion
from server.answers.verify_completion import completion, completion_request
from server.answers.who_answers import engine_of_chat, engine_of_embeddings, model_of
from server.answers.within_plan import check_reading, fields_within_plan, with_fields
from server.house import House
from server.observe.log_context import BATCH, LOG_CONTEXT
from server.observe.logs import log_fault
from server.wire.verification import VERIFY_MODEL
from tools.embed import MODEL as EMBEDDING_MODEL
from tools.question import REST_FIELDS

REQUEST_ID_CHARS_MAX = 128
"""Of an engine's own id of a request; a longer one is replaced."""

_ANSWER = "answer"
"""Under which a line keeps the engine's answer while its verification fails."""

_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")
"""In JSON they stand between values alone, where a space says the same."""


class _Outcome(StrEnum):
    """What the metrics tell apart."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"


class HouseAnswerer:
    """The `Answerer` of a house: chat and embeddings from its engines, verifications from its verifier."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._prefix = secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._running = 0
        house.metrics.batch_lines_running.set_function(lambda: self._running)
        self._counted = {
            (endpoint, outcome): house.metrics.batch_lines.labels(endpoint.value, outcome.value)
            for endpoint in Endpoint
            for outcome in _Outcome
        }

    async def answer(self, batch: Batch, line: Line) -> LineAnswer:
        if self._house.live.is_under_way:
            await self._house.live.step_aside()
        self._running += 1
        context = LOG_CONTEXT.set((BATCH, batch.id))
        spent = _Spent()
        try:
            with working_at(Urgency.of_batch(batch.priority)):
                answer = await self._answer(batch, line, spent)
        except TouchstoneError as error:
            answer = failed(error, self._request_id())
        except Exception as error:  # noqa: BLE001  a line must not end its worker; the fault meets its line here
            log_fault(error, line=line.number)
            answer = INTERNAL
        finally:
            LOG_CONTEXT.reset(context)
            self._running -= 1
        self._counted[batch.endpoint, _outcome(answer)].inc()
        return replace(answer, used=spent.used)

    async def _answer(self, batch: Batch, line: Line, spent: "_Spent") -> LineAnswer:
        body = line.body
        if body.get("stream") is True:
            raise BadInput("stream: what a batch asks is answered whole; leave stream out", "stream")
        if batch.endpoint is Endpoint.VERIFY:
            asked = verify_request(body)
            spent.ask(VERIFY_MODEL)
            await check_reading(self._sizes(batch, VERIFY_MODEL), question_of_request(asked), REST_FIELDS)
            return self._own(await reliability(self._house, asked, spent.spend))
        if batch.endpoint is Endpoint.EMBEDDINGS:
            engine = await engine_of_embeddings(self._house, body)
            spent.ask(model_of(body))
            if engine is not None:
                return spent.on(model_of(body), await self._of_engine(batch, engine, EMBEDDINGS, body))
            if (sizes := self._sizes(batch, EMBEDDING_MODEL)) is not None:
                sizes.check_estimate(EMBEDDINGS, body)
            return self._own(await own_embeddings(self._house, body, spent.spend))
        engine = await engine_of_chat(self._house, body)
        if engine is None:
            request, sizes = completion_request(body), self._sizes(batch, VERIFY_MODEL)
            spent.ask(VERIFY_MODEL)
            return self._own(await completion(self._house, request, sizes, spent.spend))
        spent.ask(model_of(body))
        if OUR_FIELDS.isdisjoint(body):
            return spent.on(model_of(body), await self._of_engine(batch, engine, CHAT, body))
        return await self._verified(batch, engine, line, VerifiedChat.of(body), spent)

    def _sizes(self, batch: Batch, model: str) -> Sizes | None:
        return self._house.accounts.plans.sizes(batch.plan, model)

    def _own(self, content: bytes) -> LineAnswer:
        return LineAnswer(200, content, self._request_id(), tokens_of(orjson.loads(content)))

    async def _of_engine(self, batch: Batch, engine: Engine, path: str, body: Mapping[str, Any]) -> LineAnswer:
        written = _written(body)
        if batch.plan is not None:
            check_names(body)
        if (sizes := self._sizes(batch, body["model"])) is not None:
            fields = await fields_within_plan(self._house, engine, sizes, path, body, len(written))
            written = with_fields(written, fields)
        async with engine.open(EngineRequest(path, written)) as reply:
            request_id = self._request_id(reply.headers.get("x-request-id", ""))
            if reply.status != 200:
                refusal = refusal_of(reply.status, await reply.read(), engine.name)
                return refused(refusal, reply.headers, request_id)
            if is_stream(reply):
                raise EngineUnreadable(f"the engine {engine.name} answered with a stream that was not asked for")
            content = await read_object_of(reply, engine.name)
        try:
            value = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise EngineUnreadable(f"what the engine {engine.name} answered is no JSON") from None
        if b"\n" in content or b"\r" in content:
            content = content.translate(_LINE_BREAKS)
        return LineAnswer(200, content, request_id, tokens_of(value))

    async def _verified(
        self, batch: Batch, engine: Engine, line: Line, chat: VerifiedChat, spent: "_Spent"
    ) -> LineAnswer:
        """The engine's answer with what is found of it. A verification that fails stands in its place, as it does at
        the endpoint, once no further try makes sense."""
        answer = line.kept.get(_ANSWER) or await self._of_engine(batch, engine, CHAT, chat.asked)
        spent.on(model_of(chat.asked), answer)
        if not answer.succeeded or not chat.ours.verify:
            return answer
        found = await chat.verification(self._house, text_of_completion(answer.body, engine.name), spent.spend)
        content = chat.put_beside(answer.body, found)
        if isinstance(found, TouchstoneError):
            line.kept[_ANSWER] = answer  # which is verified at the next try: its tokens are paid for
            return LineAnswer(200, content, answer.request_id, answer.tokens, again=again_of(found))
        return LineAnswer(200, content, answer.request_id, answer.tokens)

    def _request_id(self, given: str = "") -> str:
        """The engine's own if it can be shown, else a number after a prefix that no other process has."""
        if given and len(given) <= REQUEST_ID_CHARS_MAX and given.isascii() and given.isprintable():
            return given
        return f"req_{self._prefix}{next(self._numbers):010x}"


class _Spent:
    """What one try of a line uses. Of a line the last try counts, whose answer it gets."""

    def __init__(self) -> None:
        self.used: dict[str, Used] = {}

    def ask(self, model: str) -> None:
        """Notes that the line asks `model`, as requests at an endpoint do: once it is known, whatever it answers."""
        self.used[model] = Used(requests=1)

    def spend(self, model: str, tokens: TokenUsage) -> None:
        """Notes tokens."""
        self.used[model] = self.used.get(model, NOTHING) + Used(0, tokens.input, tokens.output)

    def on(self, model: str, answer: LineAnswer) -> LineAnswer:
        """Notes the tokens of `answer`, and gives it back."""
        self.spend(model, answer.tokens)
        return answer


def _written(body: Mapping[str, Any]) -> bytes:
    """The body as JSON. Raises BadInput for one that is nested deeper than is written here, though it was read."""
    try:
        return orjson.dumps(body)
    except TypeError as error:
        raise BadInput(f"the body of the request cannot be sent on: {error}; nest it less", "body") from None


def _outcome(answer: LineAnswer) -> _Outcome:
    if answer.error is not None:
        return _Outcome.FAILED
    return _Outcome.ANSWERED if answer.succeeded else _Outcome.REFUSED
