"""From a conversation to the question whether its last answer can be trusted.

The last assistant message is what is verified. The user message before it is the prompt. What was handed to the
assistant to work from, which is every tool result and any long system or user message, is material: it counts as
evidence beside the corpus and the web. Short system and user messages are instructions and questions, and a user's
own say-so is no evidence, so they are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.errors import BadInput
from tools.question import Question

MATERIAL_CHARS_MIN = 300  # a system or user message from this length on carries text to work from, not only a question


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `role` is system, developer, user, assistant, tool or function, as in OpenAI's chat format."""

    role: str
    content: str


def question_of(messages: Sequence[Message]) -> Question:
    """The question that the conversation puts. Raises BadInput if there is no assistant message to verify."""
    answers = [i for i, m in enumerate(messages) if m.role == "assistant" and m.content.strip()]
    if not answers:
        raise BadInput(
            "messages has no assistant message with text; the last assistant message is what is verified.", "messages"
        )
    before = messages[: answers[-1]]
    asked = [m.content for m in before if m.role == "user" and m.content.strip()]
    if not asked:
        raise BadInput("messages has no user message before the answer to verify; send the question too.", "messages")
    return Question(prompt=asked[-1], response=messages[answers[-1]].content, material=_material(before))


def _material(messages: Sequence[Message]) -> str:
    return "\n\n".join(m.content for m in messages if _is_material(m) and m.content.strip())


def _is_material(message: Message) -> bool:
    if message.role in ("tool", "function"):
        return True
    return message.role in ("system", "developer", "user") and len(message.content) >= MATERIAL_CHARS_MIN
