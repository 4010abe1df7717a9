"""A language model of an engine, spoken to over its chat completions.

The same ask gives the same answer as far as the engine can: no randomness, a fixed seed. What a model does not take (a
temperature, log-probabilities) is left out once its engine has said so, and remembered. Of a form that its engine does
not bind an answer to, it is told in words.

Tokens are counted by the model's own tokenizer where its engine tells (vLLM). Elsewhere the bytes of the text stand for
them: a token is a byte at least, so that is never too few, and two to four times too many.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from inference.engine.chat_answer import answer_of, choice_of
from inference.engine.chat_body import RESPONSE_FORMAT, Terms, chat_body, takes_choices
from inference.engine.engine import Engine, EngineRequest
from inference.engine.engines import RELISTED_S, Engines
from inference.engine.language_model import Ask, ModelAnswer, Turn
from inference.engine.refusal import Refusal, refusal_of
from inference.engine.tokenizers import Tokenizers
from inference.errors import ContextTooLong

TEMPLATE_TOKENS_PER_TURN = 32
"""What a chat template adds to a turn where nobody counts: its marks, the role, dates that some write at the top."""

ARGUMENT_TOKENS = 16
"""What arguments of the template may add beyond the count: Qwen3 writes an empty thinking part."""

MAY_BE_REFUSED = frozenset({"max_tokens", "temperature", "seed", "logprobs", "top_logprobs", RESPONSE_FORMAT})
"""Fields that some models, or their engines, do not take."""

_JSON_SCHEMA = "json_schema"
"""How some engines call RESPONSE_FORMAT when they refuse it."""

CONCESSIONS_MAX = 6
"""Fields that an engine may refuse, one after the other, before its refusal stands."""

_CHAT = "chat/completions"


class EngineModel:
    """The model `name`, of whichever of `engines` serves it.

    `context_tokens_default` holds where an engine does not say how much its model reads.
    """

    def __init__(self, engines: Engines, name: str, context_tokens_default: int) -> None:
        self.name = name
        self._engines = engines
        self._context_tokens_default = context_tokens_default
        self._terms = Terms()
        self._tokenizers = Tokenizers()

    async def answer(self, ask: Ask) -> ModelAnswer:
        engine, described = await self._engines.found(self.name)
        owner = str(described.get("owned_by"))
        reply = await self._complete(engine, owner, ask)
        answer = await asyncio.to_thread(answer_of, reply, engine.name)  # with all odds it may be megabytes
        return choice_of(answer, ask.choices) if ask.choices and not takes_choices(owner) else answer

    async def context_tokens(self) -> int:
        _, described = await self._engines.found(self.name)
        parent = described.get("parent")
        if described.get("max_model_len") is None and isinstance(parent, str):  # an adapter: vLLM says it of its base
            _, described = await self._engines.found(parent)
        return context_tokens_of(described, self._context_tokens_default)

    async def count_tokens(self, turns: tuple[Turn, ...]) -> int:
        engine, _ = await self._engines.found(self.name)
        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        counted = await self._tokenizers.count(engine, {"model": self.name, "messages": messages})
        if counted is None:
            counted = sum(len(turn.content.encode()) + TEMPLATE_TOKENS_PER_TURN for turn in turns)
        return counted + ARGUMENT_TOKENS

    async def check(self) -> None:
        await self._engines.found(self.name, RELISTED_S)

    async def _complete(self, engine: Engine, owner: str, ask: Ask) -> bytes:
        """The engine's answer, asked again without what it says the model does not take."""
        for left in range(CONCESSIONS_MAX, -1, -1):
            body = chat_body(ask, self.name, owner, self._terms)
            status, reply = await _post(engine, EngineRequest(_CHAT, orjson.dumps(body)))
            if status == 200:
                return reply
            refusal = refusal_of(status, reply, engine.name)
            error = refusal.of_our_own_request(engine.name, self.name)
            refused = _fields_refused(refusal) & body.keys()
            if not left or not refused or not _may_yield(status, error):
                raise error
            self._terms = self._terms.without(refused)
        raise AssertionError("the last round returns or raises")


def context_tokens_of(described: Mapping[str, Any], default: int) -> int:
    """The context length in a model's description: vLLM's and SGLang's own word, else llama.cpp's, else `default`.

    What llama.cpp says of the training is no more than a ceiling: the server may have been started with less.
    """
    meta = described.get("meta")
    of_llama = meta if isinstance(meta, Mapping) else {}
    for told in (described.get("max_model_len"), of_llama.get("n_ctx")):
        if isinstance(told, int) and told > 0:
            return told
    trained = of_llama.get("n_ctx_train")
    return min(trained, default) if isinstance(trained, int) and trained > 0 else default


def _fields_refused(refusal: Refusal) -> frozenset[str]:
    named = refusal.fields_among(MAY_BE_REFUSED | {_JSON_SCHEMA})
    return named - {_JSON_SCHEMA} | {RESPONSE_FORMAT} if _JSON_SCHEMA in named else named


def _may_yield(status: int, error: Exception) -> bool:
    """Whether the request would do without the refused field: a text that is too long names `max_tokens` too."""
    return status in (400, 403, 422) and not isinstance(error, ContextTooLong)


async def _post(engine: Engine, request: EngineRequest) -> tuple[int, bytes]:
    async with engine.open(request) as reply:
        return reply.status, await reply.read()
