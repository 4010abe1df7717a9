"""LoRA adapters: by the setting, and while the server runs."""

import httpx
import pytest
from harness import RunningServer

from inference.engine.adapters import load_adapter, unload_adapter
from inference.engine.http_engine import HttpEngine
from inference.engine.places import Places
from inference.errors import EngineError
from tests.robustness.waiting import wait_until
from tests.vllm.serving import Direct, Models

ASK = {"messages": [{"role": "user", "content": "Of what colour is the bridge?"}], "max_tokens": 16, "temperature": 0}


def said(http: httpx.Client, model: str) -> str:
    answer = http.post("/v1/chat/completions", json=ASK | {"model": model})
    assert answer.status_code == 200, answer.text
    content = answer.json()["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


def serves(http: httpx.Client, model: str) -> bool:
    return http.post("/v1/chat/completions", json=ASK | {"model": model}).status_code == 200


def test_an_adapter_of_the_settings_answers_under_its_name_and_otherwise(http: httpx.Client) -> None:
    assert said(http, "law") == said(http, "law")
    assert said(http, "law") != said(http, "tiny")


async def test_an_adapter_is_loaded_and_unloaded_while_the_server_runs(
    server: RunningServer, http: httpx.Client, vllm: Direct, models: Models
) -> None:
    engine = HttpEngine(vllm.url, vllm.key, timeout_s=60, places=Places(4))
    try:
        await load_adapter(engine, "later", str(models.adapter))
        wait_until(lambda: serves(http, "later"), "the server has asked its engine anew for its models")
        assert said(http, "later") == said(http, "law")
        await unload_adapter(engine, "later")
        assert "later" not in [model["id"] for model in await engine.models()]
        with pytest.raises(EngineError, match="cannot load the adapter 'later': Loading lora later failed"):
            await load_adapter(engine, "later", "/nowhere")
    finally:
        await engine.aclose()
