"""LoRA adapters in a running vLLM: loading and unloading, over its API.

vLLM reads the folder itself, so it has to be one that vLLM's machine can read. An adapter is then a model like any
other, under its name.
"""

import orjson

from inference.engine.engine import Engine, EngineRequest
from inference.engine.refusal import refusal_of
from inference.errors import EngineError, EngineUnavailable

ADAPTER_FILE = "adapter_config.json"
"""Lies in the folder of every adapter (the form of the library peft)."""


async def load_adapter(engine: Engine, name: str, folder: str) -> None:
    """Loads the adapter in `folder` and serves it as the model `name`.

    Raises EngineUnavailable if the engine does not answer, EngineError with its reason if it refuses.
    """
    await _post(engine, "load_lora_adapter", {"lora_name": name, "lora_path": folder}, f"load the adapter {name!r}")


async def unload_adapter(engine: Engine, name: str) -> None:
    """Serves `name` no longer. Raises as `load_adapter` does."""
    await _post(engine, "unload_lora_adapter", {"lora_name": name}, f"unload the adapter {name!r}")


async def _post(engine: Engine, path: str, body: dict[str, str], what: str) -> None:
    async with engine.open(EngineRequest(path, orjson.dumps(body))) as reply:
        said = await reply.read()
    if reply.status < 300:
        return
    refusal = refusal_of(reply.status, said, engine.name)
    hint = "; vLLM takes adapters if started with --enable-lora" if reply.status in (404, 405) else ""
    kind = EngineUnavailable if reply.status >= 500 else EngineError
    raise kind(f"the engine {engine.name} cannot {what}: {refusal.message}{hint}")
