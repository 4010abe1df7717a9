"""Every engine of the house, and which of them serves a model.

What the engines serve is asked of them and kept for LISTED_S. A model that is not on the list makes it ask again, so
that one loaded a moment ago is found; how often is bounded by RELISTED_S. One that is on an old list is served at once,
and the list renewed meanwhile: an engine that does not answer must not hold up the requests to another.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.engine.engine import Engine
from inference.errors import EngineError, EngineUnavailable, Kind, ModelNotFound

LISTED_S = 30.0
"""Seconds for which a list of models is believed."""

NO_ENGINE = (
    "It needs an engine, a server of language models: start one with `touchstone serve --model ID`, or name one that "
    "runs with --engine-url URL (vLLM, llama.cpp, Ollama or a hosted one)."
)

NAMES_SHOWN_MAX = 20
"""Models that a message names: a hosted engine may have hundreds."""

LIST_WAIT_S = 2.0
"""Seconds for which a caller who wants the list waits for a new one, if there is an old one."""

RELISTED_S = 1.0
"""Seconds between two lists at least: asking for models that do not exist must not flood the engines."""


@dataclass(slots=True)
class _Listing:
    """What was heard at `at`: models by engine, and the names of the engines that gave no list, with the reason."""

    at: float
    of_model: dict[str, tuple[Engine, dict[str, Any]]] = field(default_factory=dict)
    failures: dict[str, EngineError] = field(default_factory=dict)


class Engines:
    """Finds the engine for a model. With no engine, every model is unknown."""

    def __init__(self, engines: Sequence[Engine] = (), *, clock: Callable[[], float] = time.monotonic) -> None:
        self.all = tuple(engines)
        self._clock = clock
        self._heard: _Listing | None = None
        self._listing: asyncio.Task[_Listing] | None = None
        self.usage_not_told: set[str] = set()
        """Names of engines that refuse to be asked for the tokens of a stream."""

    async def serving(self, model: str) -> Engine:
        """The engine that serves `model`; of several the first.

        Raises ModelNotFound if none does, EngineUnavailable if it may be one that gives no list now.
        """
        return (await self.found(model))[0]

    async def found(self, model: str, age_s: float = LISTED_S) -> tuple[Engine, dict[str, Any]]:
        """The engine that serves `model`, and the model as it lists it. What was heard longer than `age_s` seconds ago
        is asked anew, but waited for only if that is less than LISTED_S.

        Raises as `serving` does.
        """
        if not self.all:
            raise ModelNotFound(f"The model {model!r} does not exist here. {NO_ENGINE}", "model")
        listing = self._heard
        if listing is not None and model in listing.of_model:
            if self._fresh(listing, age_s):
                return listing.of_model[model]
            if age_s >= LISTED_S:
                self._renewing()
                return listing.of_model[model]
        listing = await self._listed(RELISTED_S)
        if model in listing.of_model:
            return listing.of_model[model]
        if listing.failures:
            reasons = "; ".join(failure.message for failure in listing.failures.values())
            raise EngineUnavailable(f"no engine that answers serves {model!r}: {reasons}")
        known = listed(tuple(listing.of_model)) or "none"
        more = Kind.MODEL if len(listing.of_model) > NAMES_SHOWN_MAX else None
        raise ModelNotFound(f"The model {model!r} does not exist here. Models of the engines: {known}.", "model", more)

    def described(self, model: str) -> Mapping[str, Any]:
        """What was heard last of `model`; nothing if nothing was."""
        found = self._heard.of_model.get(model) if self._heard else None
        return found[1] if found else {}

    async def models(self) -> list[dict[str, Any]]:
        """The models of all engines that answer, as OpenAI's model objects, each name once. While an engine keeps the
        list waiting for longer than LIST_WAIT_S, the list before it counts."""
        listing = self._heard
        if listing is None:
            listing = await self._listed(LISTED_S)
        elif not self._fresh(listing, LISTED_S):
            done, _ = await asyncio.wait({self._renewing()}, timeout=LIST_WAIT_S)
            listing = done.pop().result() if done else listing
        return [described for _, described in listing.of_model.values()]

    async def failures(self) -> dict[str, str]:
        """The engines that give no list now, by name, and why; empty if all answer."""
        return {name: failure.message for name, failure in (await self._listed(RELISTED_S)).failures.items()}

    async def aclose(self) -> None:
        """Closes all engines."""
        if self._listing is not None:
            self._listing.cancel()
        for engine in self.all:
            await engine.aclose()

    def _fresh(self, listing: _Listing, age_s: float) -> bool:
        return self._clock() - listing.at < (age_s if not listing.failures else min(age_s, RELISTED_S))

    async def _listed(self, age_s: float) -> _Listing:
        """A list of at most this age. Callers that need one at the same time share the asking."""
        if self._heard is not None and self._fresh(self._heard, age_s):
            return self._heard
        return await asyncio.shield(self._renewing())

    def _renewing(self) -> asyncio.Task[_Listing]:
        if self._listing is None or self._listing.done():
            self._listing = asyncio.create_task(self._list())
        return self._listing

    async def _list(self) -> _Listing:
        listing = _Listing(self._clock())
        for engine, answer in zip(self.all, await asyncio.gather(*map(_models_of, self.all)), strict=True):
            if isinstance(answer, EngineError):
                listing.failures[engine.name] = answer
                continue
            for described in answer:
                listing.of_model.setdefault(str(described["id"]), (engine, described))
        self._heard = listing
        return listing


def listed(names: Sequence[str]) -> str:
    """The names for a message, and how many more there are."""
    more = len(names) - NAMES_SHOWN_MAX
    return ", ".join(names[:NAMES_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")


async def _models_of(engine: Engine) -> list[dict[str, Any]] | EngineError:
    try:
        return await engine.models()
    except EngineError as error:
        return error
