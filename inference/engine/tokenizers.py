"""The tokenizers of engines' models, for those who want to know how long a text is before they send it."""

from collections.abc import Mapping
from typing import Any

import orjson

from inference.engine.engine import Engine, EngineRequest
from inference.engine.refusal import refusal_of

_TOKENIZE = "/tokenize"  # vLLM's, beside `/v1` and not below it


class Tokenizers:
    """Asks engines. One that has no tokenizer to ask is not asked again."""

    def __init__(self) -> None:
        self._without: set[str] = set()

    async def count(self, engine: Engine, asked: Mapping[str, Any]) -> int | None:
        """The tokens of `asked`, which names a `model` and has its `messages` or a `prompt`. None if the engine does
        not say, such as of a text that is longer than the model's context. Raises EngineError."""
        if engine.name in self._without:
            return None
        async with engine.open(EngineRequest(_TOKENIZE, orjson.dumps(asked))) as reply:
            status, answer = reply.status, await reply.read()
        if status >= 500:
            raise refusal_of(status, answer, engine.name).of_our_own_request(engine.name, str(asked["model"]))
        count = _count_in(answer) if status == 200 else None
        if count is None and status in (
            200,
            404,
            405,
        ):  # llama.cpp has an endpoint of this name that counts no messages
            self._without.add(engine.name)
        return count


def _count_in(answer: bytes) -> int | None:
    try:
        count = orjson.loads(answer)["count"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return count if isinstance(count, int) else None
