"""What a model is asked, what it answered, and what of that is verified. The same for every protocol.

What was handed to the model counts as evidence exactly as it does when a conversation is verified (`conversation.py`).
A verification that fails does not take the answer away: it stands beside it as the error that it is.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.engine.message_text import text_of
from inference.errors import TouchstoneError
from tools.conversation import Message, question_of
from tools.question import FieldNames, Question
from tools.verification import News, Usage, Verification

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
    more: Mapping[str, Any] = field(default_factory=dict)
    """Fields that go to the engine beside these, such as how much it may write."""


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


def question_about(messages: Sequence[Mapping[str, Any]], answer: str) -> Question:
    """The question whether `answer`, given to `messages`, can be trusted. Parts of messages that are no text count for
    nothing. Raises BadInput if no user message has text."""
    said = [Message(str(message.get("role")), text_of(message.get("content"))) for message in messages]
    return question_of([*said, Message("assistant", answer)])
