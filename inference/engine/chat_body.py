"""An ask as the body of a chat completion, in the words that its engine knows. Pure functions.

Engines differ: vLLM takes choices and arguments of the chat template, a hosted one refuses a field that it does not
know. What is special to one is sent to that one alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.engine.in_words import form_in_words
from inference.engine.language_model import Ask

SEED = 0
CHOICE = "answer"
"""The key under which an engine without choices answers one."""

ALTERNATIVES_MAX = 20
"""What vLLM and OpenAI tell at most unless configured otherwise."""
FEW_ALTERNATIVES = 5
"""What is asked for where that is too many: three labels with their spellings are mostly among them."""
THOUGHT_TOKENS_MAX = 8_192
"""Allowed beside the answer to a model that cannot be kept from thinking."""

RESPONSE_FORMAT = "response_format"

_ODDS = frozenset({"logprobs", "top_logprobs"})
_TAKE_TEMPLATE_ARGUMENTS = frozenset({"vllm", "sglang", "llamacpp"})
_TAKE_CHOICES = frozenset({"vllm"})
_KNOW_GUIDANCE = frozenset({"vllm"})

_WITHOUT_WHITE_SPACE = {"x-guidance": {"whitespace_flexible": False}}
"""For vLLM's guidance backend; its other backends pass it over. JSON allows any white space between two marks, and a
small model that starts to write it may not stop before the answer is cut off."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a model takes, as far as its engine has said: fields that it refuses, and how many alternatives it tells."""

    refused: frozenset[str] = frozenset()
    alternatives_max: int = ALTERNATIVES_MAX

    def without(self, fields: frozenset[str]) -> "Terms":
        """The terms after a refusal that names `fields`: fewer alternatives first, and none only after that."""
        if fields & _ODDS and self.alternatives_max > FEW_ALTERNATIVES:
            return Terms(self.refused | (fields - _ODDS), FEW_ALTERNATIVES)
        return Terms(self.refused | fields | (_ODDS if fields & _ODDS else frozenset()), self.alternatives_max)


def chat_body(ask: Ask, model: str, owner: str, terms: Terms) -> dict[str, Any]:
    """The body for `ask`. `owner` is the engine's `owned_by`."""
    body: dict[str, Any] = {
        "model": model,
        "messages": messages_of(ask) if RESPONSE_FORMAT not in terms.refused else _unbound(ask),
        "max_tokens": ask.tokens_max,
        "temperature": 0,
        "seed": SEED,
        "stream": False,
    }
    if ask.alternatives:
        body |= {"logprobs": True, "top_logprobs": min(ask.alternatives, terms.alternatives_max)}
    if ask.schema is not None:
        body[RESPONSE_FORMAT] = _bound_to("answer", ask.schema, owner)
    elif ask.choices and takes_choices(owner):
        body["structured_outputs"] = {"choice": list(ask.choices)}
    elif ask.choices:
        body[RESPONSE_FORMAT] = _bound_to("choice", _one_of(ask.choices), owner)
    if ask.template_arguments and owner in _TAKE_TEMPLATE_ARGUMENTS:
        body["chat_template_kwargs"] = dict(ask.template_arguments)
    return _within(terms, body)


def messages_of(ask: Ask) -> list[dict[str, str]]:
    """The turns as OpenAI's messages."""
    return [{"role": turn.role, "content": turn.content} for turn in ask.turns]


def _unbound(ask: Ask) -> list[dict[str, str]]:
    """The same for an engine that binds no answer: the model is told the form behind what it is told anyway.

    The words are not counted. Engines that count tokens bind; where bytes stand for tokens there is room for more.
    """
    told = [turn["content"] for turn in messages_of(ask) if turn["role"] == "system"]
    said = [turn for turn in messages_of(ask) if turn["role"] != "system"]
    system = "\n\n".join(filter(None, [*told, form_in_words(ask)]))
    return [{"role": "system", "content": system}, *said] if system else said


def takes_choices(owner: str) -> bool:
    """Whether the engine binds an answer to one of several texts; to others a schema says it."""
    return owner in _TAKE_CHOICES


def _bound_to(name: str, schema: Mapping[str, Any], owner: str) -> dict[str, Any]:
    bound = {**schema, **_WITHOUT_WHITE_SPACE} if owner in _KNOW_GUIDANCE else dict(schema)
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": bound}}


def _one_of(choices: tuple[str, ...]) -> dict[str, Any]:
    """OpenAI wants an object at the top."""
    return {
        "type": "object",
        "properties": {CHOICE: {"type": "string", "enum": list(choices)}},
        "required": [CHOICE],
        "additionalProperties": False,
    }


def _within(terms: Terms, body: dict[str, Any]) -> dict[str, Any]:
    """Models that think take `max_completion_tokens`, which counts their thoughts too."""
    kept = {name: value for name, value in body.items() if name not in terms.refused}
    if "max_tokens" in terms.refused:
        kept["max_completion_tokens"] = body["max_tokens"] + THOUGHT_TOKENS_MAX
    return kept
