"""An ask as the body of a chat completion, in the words that its engine knows. Pure functions.

Engines differ: vLLM takes choices and arguments of the chat template, a hosted one refuses a field that it does not
know. What is special to one is sent to that one alone.
"""

from collections.abc import Mapping
from typing import Any

from inference.engine.language_model import Ask

SEED = 0
CHOICE = "answer"
"""The key under which an engine without choices answers one."""

_TAKE_TEMPLATE_ARGUMENTS = frozenset({"vllm", "sglang", "llamacpp"})
_TAKE_CHOICES = frozenset({"vllm"})


def chat_body(ask: Ask, model: str, owner: str, refused: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The body for `ask`. `owner` is the engine's `owned_by`; `refused` are fields that this model does not take."""
    body: dict[str, Any] = {
        "model": model,
        "messages": messages_of(ask),
        "max_tokens": ask.tokens_max,
        "temperature": 0,
        "seed": SEED,
        "stream": False,
    }
    if ask.alternatives:
        body |= {"logprobs": True, "top_logprobs": ask.alternatives}
    if ask.schema is not None:
        body["response_format"] = _bound_to("answer", ask.schema)
    elif ask.choices and takes_choices(owner):
        body["structured_outputs"] = {"choice": list(ask.choices)}
    elif ask.choices:
        body["response_format"] = _bound_to("choice", _one_of(ask.choices))
    if ask.template_arguments and owner in _TAKE_TEMPLATE_ARGUMENTS:
        body["chat_template_kwargs"] = dict(ask.template_arguments)
    return _without(body, refused)


def messages_of(ask: Ask) -> list[dict[str, str]]:
    """The turns as OpenAI's messages."""
    return [{"role": turn.role, "content": turn.content} for turn in ask.turns]


def takes_choices(owner: str) -> bool:
    """Whether the engine binds an answer to one of several texts; to others a schema says it."""
    return owner in _TAKE_CHOICES


def _bound_to(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": dict(schema)}}


def _one_of(choices: tuple[str, ...]) -> dict[str, Any]:
    """OpenAI wants an object at the top."""
    return {
        "type": "object",
        "properties": {CHOICE: {"type": "string", "enum": list(choices)}},
        "required": [CHOICE],
        "additionalProperties": False,
    }


def _without(body: dict[str, Any], refused: frozenset[str]) -> dict[str, Any]:
    """Models that think take `max_completion_tokens`, only their own temperature, and tell no probabilities."""
    if refused & {"logprobs", "top_logprobs"}:
        refused = refused | {"logprobs", "top_logprobs"}
    kept = {name: value for name, value in body.items() if name not in refused}
    if "max_tokens" in refused:
        kept["max_completion_tokens"] = body["max_tokens"]
    return kept
