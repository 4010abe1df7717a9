"""The engines that the settings name: those that run already, and the vLLMs that we start ourselves.

Whoever has none does not import this: the clients behind it take 0.3 s and 15 MB.
"""

import asyncio
import functools
import logging
import os
from collections.abc import Callable

from inference.engine.adapters import load_adapter
from inference.engine.child.child_engine import ChildEngine
from inference.engine.child.spec import Adapter, ModelSpec, read_adapters, read_models
from inference.engine.child.supervisor import Supervisor
from inference.engine.child.watch import Patience
from inference.engine.engine import Engine
from inference.engine.http_engine import HttpEngine
from inference.engine.places import Places
from inference.errors import EngineError
from server.children import plans
from server.observe.logs import log_action
from server.settings import Settings


def engines_of(settings: Settings, places: Places) -> tuple[Engine, ...]:
    """An engine for each that `settings` name, none started; those that we start come before those that run already.
    Raises SettingsError for texts that cannot be meant."""
    engine_at = functools.partial(
        HttpEngine,
        timeout_s=settings.engine_timeout_s,
        answer_timeout_s=settings.engine_answer_timeout_s,
        places=places,
    )
    running = (engine_at(url, key) for url, key in settings.engines_that_run)
    return (*_children(settings, engine_at), *running)


def _children(settings: Settings, engine_at: Callable[..., HttpEngine]) -> tuple[ChildEngine, ...]:
    turn = asyncio.Lock()
    adapters = read_adapters(settings.lora)
    patience = Patience(start_timeout_s=settings.engine_start_timeout_s)

    def child(number: int, spec: ModelSpec) -> ChildEngine:
        def connect(url: str, key: str) -> Engine:
            return engine_at(url, key, name=spec.name, takes_priority=True)

        async def load_all(engine: Engine) -> None:
            for adapter in adapters if number == 0 else ():
                await _load(engine, adapter)

        return ChildEngine(
            Supervisor(
                spec.name,
                lambda: plans(settings, os.environ)[number],
                os.environ,
                connect,
                turn=turn,
                when_up=load_all,
                patience=patience,
            )
        )

    return tuple(child(number, spec) for number, spec in enumerate(read_models(settings.model)))


async def _load(engine: Engine, adapter: Adapter) -> None:
    """One that cannot be loaded is logged, and then not among the models: the others and their base still serve."""
    try:
        await load_adapter(engine, adapter.name, str(adapter.folder))
    except EngineError as error:
        log_action("adapter_failed", logging.ERROR, adapter=adapter.name, reason=error.message)
    else:
        log_action("adapter_loaded", adapter=adapter.name, model=engine.name)
