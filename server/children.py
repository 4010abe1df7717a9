"""The vLLMs that the settings ask for: which there are, whether they can be started at all, and their adapters."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Mapping

from inference.engine.adapters import ADAPTER_FILE, load_adapter
from inference.engine.child.child_engine import ChildEngine
from inference.engine.child.command import Plan, takes_adapters
from inference.engine.child.program import vllm_program
from inference.engine.child.spec import Adapter, ModelSpec, missing_folder, read_adapters, read_arguments, read_models
from inference.engine.child.supervisor import Supervisor
from inference.engine.child.watch import Patience
from inference.engine.engine import Engine
from inference.engine.http_engine import HttpEngine
from inference.engine.places import Places
from inference.errors import EngineError, SettingsError
from server.judging import CPU
from server.observe.logs import log_action
from server.settings import Settings
from server.wire.verification import VERIFY_MODELS
from tools.embed import MODEL as EMBEDDING_MODEL

OUR_NAMES = frozenset({CPU, *VERIFY_MODELS, EMBEDDING_MODEL})
"""What callers and `judge_model` mean something else by: a model of that name could never be asked."""


def children_of(settings: Settings, places: Places) -> tuple[ChildEngine, ...]:
    """An engine for each of `settings.model`, none started. Raises SettingsError for texts that cannot be meant."""
    turn = asyncio.Lock()
    adapters = read_adapters(settings.lora)
    patience = Patience(start_timeout_s=settings.engine_start_timeout_s)

    def child(number: int, spec: ModelSpec) -> ChildEngine:
        def connect(url: str, key: str) -> Engine:
            return HttpEngine(
                url,
                key,
                timeout_s=settings.engine_timeout_s,
                answer_timeout_s=settings.engine_answer_timeout_s,
                places=places,
                name=spec.name,
                takes_priority=True,
            )

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


def plans(settings: Settings, environment: Mapping[str, str]) -> tuple[Plan, ...]:
    """How each model is started. Raises SettingsError for whatever would keep one from being started: no vLLM, an
    adapter that is none, arguments for a model that there is not."""
    specs, adapters = read_models(settings.model), read_adapters(settings.lora)
    if adapters and not specs:
        raise SettingsError("setting lora: there is no model to load adapters into; name one with --model")
    names = [*(spec.name for spec in specs), *(adapter.name for adapter in adapters)]
    ours = next(filter(OUR_NAMES.__contains__, names), None)
    if ours is not None:
        raise SettingsError(f"a model or adapter cannot be called {ours!r}, which is a name of the server's own")
    missing = next(filter(missing_folder, specs), None)
    if missing is not None:
        raise SettingsError(f"setting model: there is no folder {missing.source}")
    arguments = read_arguments(settings.vllm_args, [spec.name for spec in specs])
    if not specs:
        return ()
    if adapters and not takes_adapters(arguments[specs[0].name]):
        raise SettingsError(f"setting lora: vllm_args start {specs[0].name} without adapters")
    program = vllm_program(settings.vllm, sys.executable, environment)
    rank = max(map(_rank, adapters), default=0)
    return tuple(
        Plan(
            spec,
            program,
            arguments[spec.name],
            models=len(specs),
            adapters=0 if number else len(adapters),
            adapter_rank=0 if number else rank,
        )
        for number, spec in enumerate(specs)
    )


def _rank(adapter: Adapter) -> int:
    """The adapter's rank. Raises SettingsError if the folder holds no adapter."""
    file = adapter.folder / ADAPTER_FILE
    try:
        return int(json.loads(file.read_text(encoding="utf-8"))["r"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"setting lora: {adapter.folder} is no folder of an adapter ({ADAPTER_FILE} cannot be read: {error!r})"
        ) from None


async def _load(engine: Engine, adapter: Adapter) -> None:
    """One that cannot be loaded is logged, and then not among the models: the others and their base still serve."""
    try:
        await load_adapter(engine, adapter.name, str(adapter.folder))
    except EngineError as error:
        log_action("adapter_failed", logging.ERROR, adapter=adapter.name, reason=error.message)
    else:
        log_action("adapter_loaded", adapter=adapter.name, model=engine.name)
