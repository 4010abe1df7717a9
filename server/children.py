"""How the vLLMs that the settings ask for are started, and whether they can be at all."""

import json
import sys
from collections.abc import Mapping

from inference.engine.adapters import ADAPTER_FILE
from inference.engine.child.command import Plan, takes_adapters
from inference.engine.child.program import vllm_program
from inference.engine.child.spec import Adapter, missing_folder, read_adapters, read_arguments, read_models
from inference.errors import SettingsError
from server.judging import CPU
from server.settings import Settings
from server.wire.verification import VERIFY_MODELS
from tools.embed import MODEL as EMBEDDING_MODEL

OUR_NAMES = frozenset({CPU, *VERIFY_MODELS, EMBEDDING_MODEL})
"""What callers and `judge_model` mean something else by: a model of that name could never be asked."""


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
