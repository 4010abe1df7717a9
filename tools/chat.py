"""Asks an engine's model for an answer and, if wanted, verifies the answer. The same for every protocol.

What was handed to the model counts as evidence exactly as it does when a conversation is verified (`conversation.py`).
A verification that fails does not take the answer away: it stands beside it as the error that it is.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from inference.engine.engine import Engine, EngineRequest
from inference.engine.engines import Engines
from inference.engine.refusal import refusal_of
from inference.errors import EngineUnreadable, TouchstoneError
from tools.conversation import Message, question_of
from tools.question import FieldNames, Question
from tools.verification import News, Usage, Verification
from tools.verify import conclusion

CHAT_PATH = "chat/completions"
CHAT_FIELDS = FieldNames("messages", "messages", "messages")

Verify = Callable[[Question, FieldNames], AsyncGenerator[News]]
"""`Verifier.stream`, or the same with something around it, such as a count."""


@dataclass(frozen=True, slots=True)
class ChatQuestion:
    """What a model is asked: `messages` in OpenAI's chat format. `verify` says whether its answer is verified."""

    messages: Sequence[Mapping[str, Any]]
    model: str
    verify: bool = False


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """What the model answered. `text` is empty for an answer that only calls tools.

    `verification` is None if none was asked for, if there is no text to verify, or if it failed: then `failure` says
    why.
    """

    text: str
    model: str
    finish_reason: str
    usage: Usage
    verification: Verification | None = None
    failure: TouchstoneError | None = None


async def chat(engines: Engines, verify: Verify, question: ChatQuestion) -> ChatAnswer:
    """The answer, verified if asked for.

    Raises ModelNotFound, BadInput, ContextTooLong, Overloaded and EngineError: what goes wrong before there is an
    answer.
    """
    answer = await ask(engines, question)
    if not question.verify or not answer.text.strip():
        return answer
    try:
        about = question_about(question.messages, answer.text)
        return replace(answer, verification=await conclusion(verify(about, CHAT_FIELDS)))
    except TouchstoneError as error:
        return replace(answer, failure=error)


async def ask(engines: Engines, question: ChatQuestion) -> ChatAnswer:
    """The answer alone. Raises as `chat`."""
    engine = await engines.serving(question.model)
    body = orjson.dumps({"model": question.model, "messages": list(question.messages)})
    async with engine.open(EngineRequest(CHAT_PATH, body)) as reply:
        content = await reply.read()
        if reply.status != 200:
            raise refusal_of(reply.status, content, engine.name).as_error()
    return _answer(content, question.model, engine)


def question_about(messages: Sequence[Mapping[str, Any]], answer: str) -> Question:
    """The question whether `answer`, given to `messages`, can be trusted. Parts of messages that are no text count for
    nothing. Raises BadInput if no user message has text."""
    said = [Message(str(message.get("role")), text_of(message.get("content"))) for message in messages]
    return question_of([*said, Message("assistant", answer)])


def text_of(content: object) -> str:
    """The text in a message's `content`: itself, or that of its text parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    return "\n".join(text for text in texts if isinstance(text, str))


def _answer(content: bytes, model: str, engine: Engine) -> ChatAnswer:
    try:
        value = orjson.loads(content)
        choice = value["choices"][0]
        text, reason, spent = text_of(choice["message"].get("content")), choice.get("finish_reason"), value.get("usage")
        usage = Usage(spent["prompt_tokens"], spent["completion_tokens"]) if spent else Usage(0, 0)
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError):
        raise EngineUnreadable(f"what the engine {engine.name} answered is no chat completion") from None
    return ChatAnswer(text, model, str(reason or ""), usage)
