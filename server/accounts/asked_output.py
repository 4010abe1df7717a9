"""What a request may have an engine write: how many answers it asks for, and how the engine is told what each may have.
Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.accounts.asked_fields import ANSWERS, COMPLETIONS
from server.accounts.asked_text import is_one_text

_READ_BY_ALL = "max_tokens"
_READ_IN_CHAT = "max_completion_tokens"

_KNOW_MAX_TOKENS_ALONE = frozenset({"library", "llamacpp"})
"""What Ollama and llama.cpp call the owner of their models. The newer name they pass over, or did so until lately."""

_WRITE_LITTLE = frozenset({"vllm", "sglang"})
"""Engines that keep OpenAI's default for completions, which is DEFAULT_OF_COMPLETIONS."""

DEFAULT_OF_COMPLETIONS = 16
"""Tokens, where a request does not say."""

NEARLY_ALL = 0.95
"""Of a model's context. A plan counts in thousands what a model has in 1,024s, or in 1,048,576s."""


@dataclass(frozen=True, slots=True)
class Output:
    """What each answer of a request may have: `most` tokens, all told; `told` is what the request says itself."""

    most: int
    told: Mapping[str, int]

    def to_tell(self, path: str, owner: str) -> str | None:
        """The name under which the engine of models that are `owner`'s has to be told; None if it has been, or writes
        less by itself."""
        name = name_for(path, owner)
        if name in self.told or _READ_BY_ALL in self.told:
            return None
        if path == COMPLETIONS and owner in _WRITE_LITTLE and self.most >= DEFAULT_OF_COMPLETIONS:
            return None
        return name

    @property
    def value(self) -> int:
        """What to tell: what the request says under a name that the engine passes over, or all that is allowed."""
        return self.told.get(_READ_IN_CHAT, self.most)

    def is_more_than(self, context_tokens: int) -> bool:
        """Whether a model that reads and writes no more than so many tokens cannot write much more than that anyway."""
        return self.value >= context_tokens * NEARLY_ALL


def name_for(path: str, owner: str) -> str:
    """The name under which the engine of models that are `owner`'s reads how much it may write."""
    return _READ_BY_ALL if path == COMPLETIONS or owner in _KNOW_MAX_TOKENS_ALONE else _READ_IN_CHAT


def answers_asked(path: str, asked: Mapping[str, Any]) -> int:
    """How many answers are asked for."""
    many = max([1, *(value for name in ANSWERS if type(value := asked.get(name)) is int)])
    if path != COMPLETIONS:
        return many
    prompts = (asked.get(name) for name in ("prompt", "prompt_embeds"))
    return many * max(
        1, sum(len(given) if isinstance(given, list) and not is_one_text(given) else 0 for given in prompts)
    )
