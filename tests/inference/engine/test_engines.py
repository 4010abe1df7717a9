"""Which engine serves a model, when the engines are asked, and what an engine that does not answer costs the others."""

import asyncio
from typing import Any

import pytest

from inference.engine.engine import EngineRequest
from inference.engine.engines import LISTED_S, Engines
from inference.errors import EngineError, EngineUnavailable, ModelNotFound
from server.where_listed import Surface, in_words_of


class ListingEngine:
    """Lists models, and serves none. Told to wait, it lists once the event is set."""

    def __init__(self, name: str, *models: str, failure: EngineError | None = None) -> None:
        self.name = name
        self.serves = list(models)
        self.failure = failure
        self.asked = 0
        self.may_list = asyncio.Event()
        self.may_list.set()

    def open(self, request: EngineRequest) -> Any:
        raise NotImplementedError

    async def models(self) -> list[dict[str, Any]]:
        self.asked += 1
        await self.may_list.wait()
        if self.failure:
            raise self.failure
        return [{"id": model} for model in self.serves]

    async def aclose(self) -> None:
        pass


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_of_two_engines_with_a_model_the_first_serves_it() -> None:
    first, second = ListingEngine("first", "a"), ListingEngine("second", "a", "b")
    engines = Engines([first, second])
    assert (await engines.serving("a"), await engines.serving("b")) == (first, second)
    assert [model["id"] for model in await engines.models()] == ["a", "b"]
    assert first.asked == 1


async def test_a_model_loaded_a_moment_ago_is_found() -> None:
    clock, engine = Clock(), ListingEngine("one", "a")
    engines = Engines([engine], clock=clock)
    with pytest.raises(ModelNotFound, match="Models of the engines: a"):
        await engines.serving("b")
    engine.serves.append("b")
    clock.now += 2
    assert await engines.serving("b") is engine


async def test_a_message_names_a_few_of_many_models() -> None:
    engine = ListingEngine("one", *(f"m{number}" for number in range(300)))
    with pytest.raises(ModelNotFound, match=r"m0, m1, .* and 280 more\.$") as error:
        await Engines([engine]).serving("nope")
    assert "m299" not in error.value.message
    assert in_words_of(Surface.REST, error.value).endswith(" and 280 more; GET /v1/models lists all")


async def test_asking_for_models_that_do_not_exist_does_not_flood_the_engines() -> None:
    engine = ListingEngine("one", "a")
    engines = Engines([engine], clock=Clock())
    for _ in range(50):
        with pytest.raises(ModelNotFound):
            await engines.serving("b")
    assert engine.asked == 1


async def test_a_model_on_an_old_list_is_served_at_once_while_an_engine_hangs() -> None:
    clock, good, bad = Clock(), ListingEngine("good", "a"), ListingEngine("bad", "b")
    engines = Engines([good, bad], clock=clock)
    await engines.serving("a")
    bad.may_list.clear()
    clock.now += LISTED_S + 1
    async with asyncio.timeout(60):
        assert await engines.serving("a") is good
        while good.asked < 2:  # noqa: ASYNC110  the list is renewed meanwhile: a turn of the loop, no wait
            await asyncio.sleep(0)
    assert bad.asked == 2
    await engines.aclose()


async def test_a_model_that_may_be_an_unreachable_engines_is_unavailable_and_not_unknown() -> None:
    down = ListingEngine("down", failure=EngineUnavailable("the engine down cannot be reached"))
    engines = Engines([ListingEngine("up", "a"), down])
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        await engines.serving("b")
    assert await engines.failures() == {"down": "the engine down cannot be reached"}


async def test_an_engine_that_fell_a_moment_ago_is_no_longer_said_to_be_well() -> None:
    clock, engine = Clock(), ListingEngine("one", "a")
    engines = Engines([engine], clock=clock)
    assert await engines.failures() == {}
    engine.failure = EngineUnavailable("the engine one cannot be reached")
    clock.now += 2
    assert await engines.failures() == {"one": "the engine one cannot be reached"}


async def test_while_an_engine_hangs_the_models_of_the_others_are_listed_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.engine.engines.LIST_WAIT_S", 0.01)
    clock, good, bad = Clock(), ListingEngine("good", "a"), ListingEngine("bad", failure=EngineUnavailable("down"))
    engines = Engines([good, bad], clock=clock)
    await engines.models()
    bad.may_list.clear()
    clock.now += 2
    async with asyncio.timeout(60):
        assert [model["id"] for model in await engines.models()] == ["a"]
    bad.failure = None
    bad.serves.append("b")
    bad.may_list.set()
    monkeypatch.setattr("inference.engine.engines.LIST_WAIT_S", 60)
    assert [model["id"] for model in await engines.models()] == ["a", "b"]


async def test_with_no_engine_the_message_says_how_to_get_one() -> None:
    with pytest.raises(ModelNotFound, match="--engine-url"):
        await Engines().serving("a")
