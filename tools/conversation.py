"""From a conversation to the question whether its last answer can be trusted.

The last assistant message is what is verified. The user message before it is the prompt, after the few short messages
that led up to it. What was handed to the
assistant to work from, which is every tool result and any long system or user message, is material: it counts as
evidence beside the corpus and the web. Short system and user messages are instructions and questions, and a user's
own say-so is no evidence, so they are not. Material may be private: no search query is ever made of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.errors import BadInput
from tools.question import Question

MATERIAL_CHARS_MIN = 300  # a system or user message from this length on carries text to work from, not only a question

EARLIER_MESSAGES_MAX = 4  # messages before the question in which its pronouns find their nouns


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
    if not any(m.role == "user" and m.content.strip() for m in before):
        raise BadInput("messages has no user message before the answer to verify; send the question too.", "messages")
    earlier, asked = _prompt(before)
    return Question(
        "\n\n".join(m.content for m in [*earlier, asked]),
        messages[answers[-1]].content,
        material=_material(before),
        public_prompt="\n\n".join(m.content for m in [*earlier, asked] if not _is_material(m)),
    )


def _prompt(before: Sequence[Message]) -> tuple[list[Message], Message]:
    """The last user message, and what was said shortly before it: "How tall is it?" needs that to make sense."""
    last = max(i for i, message in enumerate(before) if message.role == "user" and message.content.strip())
    return [m for m in before[max(0, last - EARLIER_MESSAGES_MAX) : last] if _is_talk(m)], before[last]


def _is_talk(message: Message) -> bool:
    return message.role in ("user", "assistant") and 0 < len(message.content.strip()) < MATERIAL_CHARS_MIN


def _material(messages: Sequence[Message]) -> str:
    return "\n\n".join(m.content for m in messages if _is_material(m) and m.content.strip())


def _is_material(message: Message) -> bool:
    if message.role in ("tool", "function"):
        return True
    return message.role in ("system", "developer", "user") and len(message.content) >= MATERIAL_CHARS_MIN
