"""Asks an engine's model for an answer and, if wanted, verifies the answer: as news, for those who wait to hear.

First `Arrived` as the model writes, and `Answered` once it has; then, if its answer is verified, the news of the
verification; at last the `ChatAnswer`. Whoever stops listening stops the work: the engine's request is aborted.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import orjson

from inference.engine.chat_stream import Piece, pieces_of
from inference.engine.engine import Engine, EngineRequest
from inference.engine.engines import NO_ENGINE, Engines
from inference.engine.refusal import refusal_of
from inference.errors import BadInput, EngineUnavailable, EngineUnreadable, TouchstoneError
from inference.verdict import NO_TOKENS, Tokens
from tools.chat import CHAT_FIELDS, CHAT_PATH, ChatAnswer, ChatQuestion, Verify, question_about
from tools.verification import News, Usage, Verification

ANSWER_CHARS_MAX = 1_000_000
"""Characters in an answer, its thoughts included. A model that goes on and on is stopped here."""

MODELS_NAMED_MAX = 20
"""Models that an error names. A hosted engine serves hundreds."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """So many pieces of the answer are there; most engines send a token a piece. `thinking`: none is of its text."""

    pieces: int
    thinking: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is whole, and took so many tokens as its engine says."""

    usage: Usage


ChatNews = Arrived | Answered | News | ChatAnswer


async def model_to_ask(engines: Engines, asked: str, judging: str) -> str:
    """The model for a chat: the one `asked` for, or the one that is `judging` if an engine serves it, or the only one.

    Raises BadInput if that leaves none or a choice, EngineUnavailable if no engine tells what it serves.
    """
    if asked:
        return asked
    served = [str(described["id"]) for described in await engines.models()]
    if judging in served:
        return judging
    if len(served) == 1:
        return served[0]
    if served:
        named = ", ".join(served[:MODELS_NAMED_MAX]) + (", ..." if len(served) > MODELS_NAMED_MAX else "")
        raise BadInput(f"model is empty, and there are several. Name one of: {named}.", "model")
    if not engines.all:
        raise BadInput(f"There is no language model here to chat with. {NO_ENGINE}", "model")
    reasons = "; ".join((await engines.failures()).values())
    raise EngineUnavailable("no engine serves a model now" + (f": {reasons}" if reasons else ""))


async def chat_news(engine: Engine, verify: Verify, question: ChatQuestion) -> AsyncGenerator[ChatNews]:
    """The news of one chat with a model that `engine` serves. A verification that fails stands in the answer as its
    `failure`.

    Raises ModelNotFound (of an engine that has just let go of its model), BadInput, ContextTooLong, Overloaded and
    EngineError: what goes wrong before there is an answer.
    """
    answer: ChatAnswer | None = None
    async with aclosing(_asked(engine, question)) as arriving:
        async for item in arriving:
            if isinstance(item, ChatAnswer):
                answer = item
            else:
                yield item
    if answer is None:
        raise AssertionError("a stream of pieces ends with the answer or with an error")
    yield Answered(answer.usage)
    if question.verify and answer.text.strip():
        try:
            async with aclosing(verify(question_about(question.messages, answer.text), CHAT_FIELDS)) as news:
                async for told in news:
                    if isinstance(told, Verification):
                        answer = replace(answer, verification=told)
                    else:
                        yield told
        except TouchstoneError as error:
            answer = replace(answer, failure=error)
    yield answer


async def _asked(engine: Engine, question: ChatQuestion) -> AsyncGenerator[Arrived | ChatAnswer]:
    body = {"model": question.model, "messages": list(question.messages), **question.more}
    streamed = body | {"stream": True, "stream_options": {"include_usage": True}}
    heard = _Heard(question.model)
    async with engine.open(EngineRequest(CHAT_PATH, orjson.dumps(streamed))) as reply:
        if reply.status != 200:
            raise refusal_of(reply.status, await reply.read(), engine.name).as_error()
        async with aclosing(pieces_of(reply, engine.name)) as pieces:
            async for piece in pieces:
                yield heard.arrived(piece)
    yield heard.answer()


@dataclass(slots=True)
class _Heard:
    """What has arrived of an answer."""

    model: str
    _texts: list[str] = field(default_factory=list)
    _pieces: int = 0
    _chars: int = 0
    _reason: str = ""
    _spent: Tokens = NO_TOKENS

    def arrived(self, piece: Piece) -> Arrived:
        """Takes `piece` in. Raises EngineUnreadable if that is too much."""
        self._pieces += bool(piece.text or piece.thought)
        self._chars += len(piece.text) + len(piece.thought)
        if self._chars > ANSWER_CHARS_MAX:
            raise EngineUnreadable(f"the model {self.model!r} wrote more than {ANSWER_CHARS_MAX:,} characters")
        if piece.text:
            self._texts.append(piece.text)
        self._reason = piece.finish_reason or self._reason
        self._spent = self._spent if piece.spent == NO_TOKENS else piece.spent  # some engines tell it with each piece
        return Arrived(self._pieces, thinking=not self._texts)

    def answer(self) -> ChatAnswer:
        """All of it."""
        usage = Usage(self._spent.read, self._spent.written)
        return ChatAnswer("".join(self._texts), self.model, self._reason, usage)
