"""vLLM's pooling API, as far as a judge needs it: `/score`, `/classify` and `/tokenize`.

Their shapes are those of vLLM 0.32 (entrypoints/pooling/scoring/protocol.py, entrypoints/pooling/classify/protocol.py,
entrypoints/serve/tokenize/protocol.py). `/score` is there only for models of one label, `/classify` for any classifier;
`/classify` names the likeliest label alone. Numbers come as the model's own activation leaves them: probabilities for
all that vLLM knows to be classifiers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from inference.engine.engine import EngineRequest
from inference.engine.engine_model import context_tokens_of
from inference.engine.engines import RELISTED_S, Engines
from inference.engine.refusal import refusal_of
from inference.errors import ContextTooLong, EngineUnavailable, EngineUnreadable, ModelNotFound

_OK = 200
_NO_SUCH_PATH = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class Pair:
    """A premise and what may follow from it."""

    premise: str
    hypothesis: str


@dataclass(frozen=True, slots=True)
class Classified:
    """The likeliest label, empty if the model's labels have no names, and the probabilities of all in their order."""

    label: str
    probabilities: tuple[float, ...]

    @property
    def likeliest(self) -> int:
        """The number of the likeliest label; of equals the first, as vLLM has it."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of a text, special ones included, and of the model's context; `last` is the text of the last token."""

    tokens: int
    context_tokens: int
    last: str


class Pooling:
    """Asks the engine that serves `model`. Every method may raise EngineError and ModelNotFound;
    `score` and `classify` also ContextTooLong."""

    def __init__(self, engines: Engines, model: str) -> None:
        self._engines = engines
        self.model = model

    async def score(self, pairs: Sequence[Pair]) -> list[float] | None:
        """A probability for each pair; None if the model has no such API."""
        texts = {"text_1": [pair.premise for pair in pairs], "text_2": [pair.hypothesis for pair in pairs]}
        data = await self._data("/score", texts, len(pairs))
        return None if data is None else [self._probability(item, "score") for item in data]

    async def classify(self, texts: Sequence[str]) -> list[Classified] | None:
        """What each text is found to be; None if the model has no such API."""
        data = await self._data("/classify", {"input": list(texts)}, len(texts))
        return None if data is None else [self._classified(item) for item in data]

    async def count(self, text: str) -> TokenCount:
        """How long `text` is to the model. Of one that the engine refuses to count for its length, the bytes."""
        try:
            said = await self._post("/tokenize", {"prompt": text, "return_token_strs": True})
        except ContextTooLong:
            _, described = await self._engines.found(self.model)
            return TokenCount(len(text.encode()), context_tokens_of(described, 0), "")
        if said is None:
            raise EngineUnavailable(
                f"the engine of {self.model} has no /tokenize, so it is no vLLM; classifiers need one"
            )
        try:
            tokens, context, strings = int(said["count"]), int(said["max_model_len"]), said.get("token_strs")
            return TokenCount(tokens, context, str(strings[-1]) if strings else "")
        except (KeyError, TypeError, ValueError, IndexError):
            raise self._unreadable("/tokenize") from None

    async def check(self) -> None:
        """Returns if an engine serves the model now."""
        await self._engines.found(self.model, RELISTED_S)

    async def _data(self, path: str, body: dict[str, Any], count: int) -> list[dict[str, Any]] | None:
        said = await self._post(path, body)
        if said is None:
            return None
        data = said.get("data")
        if not isinstance(data, list) or len(data) != count or not all(isinstance(item, dict) for item in data):
            raise self._unreadable(path)
        if any(item.get("index", number) != number for number, item in enumerate(data)):
            raise self._unreadable(path)
        return data

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The JSON object that is answered; None if there is no such path."""
        engine = await self._engines.serving(self.model)
        async with engine.open(EngineRequest(path, orjson.dumps({"model": self.model, **body}))) as reply:
            content = await reply.read()
        if reply.status != _OK:
            error = refusal_of(reply.status, content, engine.name).of_our_own_request(engine.name, self.model)
            if reply.status in _NO_SUCH_PATH and not isinstance(error, ModelNotFound):
                return None
            raise error
        try:
            said = orjson.loads(content)
        except orjson.JSONDecodeError:
            said = None
        if not isinstance(said, dict):
            raise self._unreadable(path)
        return said

    def _classified(self, item: dict[str, Any]) -> Classified:
        numbers = item.get("probs")
        if not isinstance(numbers, list) or not numbers:
            raise self._unreadable("/classify")
        probabilities = tuple(self._probability({"probs": number}, "probs") for number in numbers)
        label = item.get("label")
        return Classified(label if isinstance(label, str) else "", probabilities)

    def _probability(self, item: dict[str, Any], key: str) -> float:
        number = item.get(key)
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise EngineUnreadable(f"the engine of {self.model} answered something that is no number")
        if not 0 <= number <= 1:
            raise EngineUnreadable(
                f"the engine of {self.model} answered {number:.3g}, which is no probability; the model tells raw "
                "numbers, and is not one that judges"
            )
        return float(number)

    def _unreadable(self, path: str) -> EngineUnreadable:
        return EngineUnreadable(f"the engine of {self.model} answered {path} in a form that is not vLLM's")
