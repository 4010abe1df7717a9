"""The MCP client's own model as a `LanguageModel`, by sampling (`sampling/createMessage`).

A client tells neither how much its model reads nor the log-probabilities of what it writes, and it binds no answer to
a schema. So the schema is told in words, `tokens` is always empty, and how much may be asked is a bound of ours. Which
model answers is the client's choice: its name is known from its first answer on. The way to the client is a `Sampling`,
of which there are two in `sampling.py`.
"""

from typing import Protocol

import mcp_types as types

from inference.engine.in_words import form_in_words
from inference.engine.language_model import Ask, ModelAnswer, Turn
from inference.errors import EngineUnreadable
from inference.text.shorten import shorten
from inference.verdict import NO_TOKENS

CONTEXT_TOKENS = 32_768
"""What is asked of a client's model at most, answer included. Every model that clients offer reads more than that, and
whoever runs the client pays for it."""

BINDING_TOKENS = 4_096
"""Kept free for the schema and the words that go with it, which the asker does not count."""

TURN_TOKENS = 16
"""What a chat template may put around a message."""

ANSWER_CHARS_MAX = 200_000
"""Characters in an answer: many times what `tokens_max` allows."""

NAME_CHARS_MAX = 100
"""Characters in the name that the client gives its model. It stands in the result."""


class Sampling(Protocol):
    """A way to have the client's model answer."""

    async def answer(self, asked: types.CreateMessageRequestParams) -> types.CreateMessageResult:
        """Raises EngineError if the client does not answer, refuses, or answers what is no answer."""
        ...


class ClientModel:
    """The model behind `sampling`."""

    name = "the client's model"

    def __init__(self, sampling: Sampling) -> None:
        self._sampling = sampling

    async def answer(self, ask: Ask) -> ModelAnswer:
        """As `LanguageModel.answer`. `alternatives` and `template_arguments` cannot be passed on."""
        result = await self._sampling.answer(_params_of(ask))
        if not isinstance(result.content, types.TextContent):
            raise EngineUnreadable(f"The client's model answered with {result.content.type} where text was asked for.")
        if len(result.content.text) > ANSWER_CHARS_MAX:
            raise EngineUnreadable(f"The client's model answered with more than {ANSWER_CHARS_MAX:,} characters.")
        self.name = shorten(result.model, NAME_CHARS_MAX) or self.name
        return ModelAnswer(result.content.text, result.stop_reason != "maxTokens", (), NO_TOKENS)

    async def context_tokens(self) -> int:
        """Tokens for one ask, what binds its answer left out."""
        return CONTEXT_TOKENS - BINDING_TOKENS

    async def count_tokens(self, turns: tuple[Turn, ...]) -> int:
        """Bytes, since nobody tells the model's tokenizer, and a token is a byte at least."""
        return sum(TURN_TOKENS + len(turn.content.encode()) for turn in turns)

    async def check(self) -> None:
        """Whether it answers shows when it is asked; that the client offers sampling was checked before."""


def _params_of(ask: Ask) -> types.CreateMessageRequestParams:
    system = [turn.content for turn in ask.turns if turn.role == "system"] + [form_in_words(ask)]
    return types.CreateMessageRequestParams(
        messages=[_message_of(turn) for turn in ask.turns if turn.role != "system"],
        system_prompt="\n\n".join(filter(None, system)) or None,
        max_tokens=ask.tokens_max,
        temperature=0.0,
    )


def _message_of(turn: Turn) -> types.SamplingMessage:
    role: types.Role = "assistant" if turn.role == "assistant" else "user"
    return types.SamplingMessage(role=role, content=types.TextContent(text=turn.content))
