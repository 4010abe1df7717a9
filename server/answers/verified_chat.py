"""A chat completion of an engine's model with `"verify": true`: the engine's answer, and a `verification` beside it.

The fields that are ours are taken out of the body, the rest of it goes to the engine. The answer's own bytes stay as
they are: whole, it gains a member `verification`; streamed, one more chunk comes after the engine's last and before
`[DONE]`. A verification that fails is an error in that place, and the answer is delivered all the same.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field, StrictBool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from inference.engine.chat_stream import DONE, broken_off, chunk_of, data_of, piece_of
from inference.engine.engine import Engine, EngineReply
from inference.errors import BadInput, TouchstoneError
from server.answers.counted import Spend, verify_counted
from server.answers.line_tokens import tokens_told
from server.answers.pass_through import (
    AnswerOfEngine,
    is_stream,
    passed_headers,
    read_object_of,
    refusal_response,
    send_whole,
)
from server.errors import object_of
from server.house import House
from server.http.event_writer import EventWriter
from server.http.events import PING_S
from server.wire.validation import validated
from server.wire.verification import verification_json
from tools.chat import CHAT_FIELDS, CHAT_PATH, question_about
from tools.verification import Verification
from tools.verify import conclusion

OUR_FIELDS = frozenset({"verify", "correct", "return_search_results"})
"""What no engine knows: taken out before the rest goes on."""

_DONE = re.compile(rb"(?:^|(?<=[\r\n]))data:[ \t]*" + re.escape(DONE))
_PING = b": ping\n\n"


class VerifyFields(BaseModel):
    """The fields of a chat completion that are ours."""

    verify: Annotated[StrictBool | None, Field(description="Whether the answer is verified.")] = False
    correct: Annotated[StrictBool | None, Field(description="Whether the verification has a corrected answer.")] = False
    return_search_results: StrictBool | None = False


@dataclass(frozen=True, slots=True)
class VerifiedChat:
    """A chat completion that is asked for with our fields: what the engine gets, and what is ours."""

    asked: dict[str, Any]
    ours: VerifyFields

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "VerifiedChat":
        """Takes the body `value` apart, which has one of OUR_FIELDS. Raises BadInput for a wrong one."""
        ours = validated({name: value[name] for name in OUR_FIELDS if name in value}, VerifyFields)
        if ours.correct and not ours.verify:
            raise BadInput("correct: an answer is corrected by what its verification finds; set verify too", "correct")
        if ours.verify and value.get("n") not in (None, 1):
            raise BadInput("n: one answer is verified at a time; leave n out", "n")
        return cls({name: item for name, item in value.items() if name not in OUR_FIELDS}, ours)

    async def verification(self, house: House, text: str, spend: Spend) -> Verification | TouchstoneError | None:
        """What is found of the answer `text`, or why nothing is; None if there is no text to verify."""
        if not text.strip():
            return None
        try:
            question = replace(question_about(_messages(self.asked), text), correct=bool(self.ours.correct))
            return await conclusion(verify_counted(house, question, CHAT_FIELDS, spend))
        except TouchstoneError as error:
            return error

    def beside(self, found: Verification | TouchstoneError | None) -> dict[str, Any] | None:
        """How it stands beside the answer."""
        if isinstance(found, TouchstoneError):
            return object_of(found)
        return verification_json(found, bool(self.ours.return_search_results)) if found else None

    def put_beside(self, content: bytes, found: Verification | TouchstoneError | None) -> bytes:
        """`content`, the bytes of a whole completion, with what was found of it."""
        return content.rstrip()[:-1] + b',"verification":' + orjson.dumps(self.beside(found)) + b"}"


def verified_chat(request: Request, engine: Engine, value: dict[str, Any]) -> Response:
    """The response to `request`, whose body `value` has one of OUR_FIELDS. Raises BadInput for a wrong one."""
    return _VerifiedChat(request, engine, VerifiedChat.of(value))


def text_of_completion(content: bytes, engine: str) -> str:
    """What the completion in `content` says. Raises EngineUnreadable if it is none, and the error that it is."""
    return piece_of(chunk_of(content, engine), engine).text


class _VerifiedChat(AnswerOfEngine):
    def __init__(self, request: Request, engine: Engine, chat: VerifiedChat) -> None:
        super().__init__(request, engine, chat.asked["model"])
        self._house: House = request.app.state.house
        self._chat = chat

    async def _answer(self, scope: Scope, receive: Receive, send: Send, writer: EventWriter) -> None:
        """The engine's part ends before the verification begins: the judge may need the engine too."""
        heard = refused = None
        async with self._opened(CHAT_PATH, orjson.dumps(self._chat.asked), self._chat.asked) as reply:
            if reply.status != 200:
                refused = await refusal_response(reply, self._engine.name)
            elif is_stream(reply):
                heard = await self._forward(reply, writer)
            else:
                content = await read_object_of(reply, self._engine.name)
                self._visit.spend(self._model, tokens_told(content))
        if refused is not None:
            await refused(scope, receive, send)
        elif heard is None:
            await self._whole(content, passed_headers(reply.headers), send)
        else:
            await self._end_stream(heard, writer)

    async def _whole(self, content: bytes, headers: list[tuple[bytes, bytes]], send: Send) -> None:
        if self._chat.ours.verify:
            said = text_of_completion(content, self._engine.name)
            content = self._chat.put_beside(
                content, await self._chat.verification(self._house, said, self._visit.spend)
            )
        await send_whole(content, headers, send)

    async def _forward(self, reply: EngineReply, writer: EventWriter) -> "_Heard":
        """Passes the engine's chunks on, but for the `[DONE]` at their end."""
        heard = _Heard(self._engine.name, self._house.settings.response_chars_max)
        heard.broken = not await self._forwarded(reply, writer, heard.before_done)
        return heard

    async def _end_stream(self, heard: "_Heard", writer: EventWriter) -> None:
        if self._chat.ours.verify and not heard.broken:
            async with aclosing(self._verification_events(heard)) as events:
                async for chunk in events:
                    await writer.write(chunk)
        if heard.done:
            await writer.write(heard.done)
        await writer.end()

    async def _verification_events(self, heard: "_Heard") -> AsyncGenerator[bytes]:
        """A comment now and then while the answer is verified, and the chunk with the verification."""
        work = asyncio.ensure_future(self._verification(heard))
        try:
            while not (await asyncio.wait({work}, timeout=PING_S))[0]:
                yield _PING
            yield b"data: " + orjson.dumps(heard.head | {"choices": [], "verification": work.result()}) + b"\n\n"
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError, TouchstoneError):
                await work

    async def _verification(self, heard: "_Heard") -> dict[str, Any] | None:
        """What stands beside the answer: a verification, its error, or None if there is no text to verify."""
        unread = heard.why_unread
        return self._chat.beside(unread or await self._chat.verification(self._house, heard.text, self._visit.spend))


@dataclass(slots=True)
class _Heard:
    """What a stream has said: its text, up to a little over `chars_max`, and the head of its chunks.

    `broken` if it broke off; `done` is the event that ended it in order, with what came in one piece with it.
    """

    engine: str
    chars_max: int
    head: dict[str, Any] = field(default_factory=dict)
    broken: bool = False
    done: bytes = b""
    _finished: bool = False
    _failure: TouchstoneError | None = None
    _parts: list[str] = field(default_factory=list)
    _chars: int = 0

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def why_unread(self) -> TouchstoneError | None:
        """Why the text is not the whole answer, if it is not."""
        return self._failure or (None if self._finished or self.done else broken_off(self.engine))

    def before_done(self, events: bytes) -> bytes:
        """Reads `events`, and gives them back without the `[DONE]` and what follows it, which are kept."""
        if not self.done and (last := _DONE.search(events)):
            events, self.done = events[: last.start()], events[last.start() :]
        self.read(events)
        return events

    def read(self, events: bytes) -> None:
        """Notes the chunks in `events`. What is none is for the caller to see; it is the end of what is read here."""
        try:
            for line in events.splitlines():
                if (data := data_of(line)) and not self._failure:
                    self._note(chunk_of(data, self.engine))
        except TouchstoneError as error:
            self._failure = error

    def _note(self, chunk: dict[str, Any]) -> None:
        self.head = {name: chunk[name] for name in ("id", "object", "created", "model") if name in chunk} or self.head
        piece = piece_of(chunk, self.engine)
        self._finished = self._finished or bool(piece.finish_reason)
        if piece.text and self._chars <= self.chars_max:
            self._parts.append(piece.text)
            self._chars += len(piece.text)


def _messages(asked: dict[str, Any]) -> list[dict[str, Any]]:
    messages = asked.get("messages")
    return [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []
