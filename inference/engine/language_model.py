"""The seam for those who want an answer of a language model and not bytes on a wire: judges, writers of queries.

Implementations: `engine_model.py` over an `Engine`, the MCP client's own model in `server/`, and any of them over the
scripted engine of `inference/testing/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from inference.verdict import Tokens

WITHOUT_THOUGHT: Mapping[str, Any] = {"enable_thinking": False}
"""For the template of Qwen3 and others, which think first unless told not to: long, unbound by a schema, and counted
among the tokens of the answer."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation: `role` is system, user or assistant, or what a model's own template knows."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a model. Answers are greedy: the same ask gives the same answer, as far as the engine can.

    `schema` is a JSON schema that the answer is bound to, `choices` texts of which it has to be one; at most one of
    both. `tokens_max` bounds the answer. `alternatives` is how many likely tokens are wanted at each place, 0 for none.
    `template_arguments` go to the model's chat template.
    """

    turns: tuple[Turn, ...]
    tokens_max: int
    schema: Mapping[str, Any] | None = None
    choices: tuple[str, ...] = ()
    alternatives: int = 0
    template_arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChosenToken:
    """A token of the answer, and the likeliest tokens in its place with their natural log-probabilities.

    The chosen one is among `alternatives`. Texts are bytes, since a token may end inside a character.
    """

    text: bytes
    alternatives: tuple[tuple[bytes, float], ...]


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What the model answered. `tokens` is empty if not asked for, or if the engine does not tell; else their texts
    put together are `text`. `complete` is false if the answer was cut off at `tokens_max`."""

    text: str
    complete: bool
    tokens: tuple[ChosenToken, ...]
    spent: Tokens


class LanguageModel(Protocol):
    """A model that answers."""

    name: str

    async def answer(self, ask: Ask) -> ModelAnswer:
        """Raises EngineUnavailable, EngineUnreadable, ModelNotFound, and ContextTooLong if the ask does not fit."""
        ...

    async def context_tokens(self) -> int:
        """Tokens that the model reads and writes at once, for one ask. Raises EngineError."""
        ...

    async def count_tokens(self, turns: tuple[Turn, ...]) -> int:
        """Tokens that `turns` take, the chat template's own included; never too few. Raises EngineError."""
        ...

    async def check(self) -> None:
        """Returns if the model would answer now. Raises EngineUnavailable or ModelNotFound."""
        ...
