"""LiteLLM's proxy, for the gateway benchmark: where it is found, how it is installed, how it is started.

It is no part of the project and is found by `--litellm`, by the variable LITELLM, or in the user's cache folder, into
which `--install-litellm` puts it. Where it is not found, the table says so.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from benchmarks.running import Running, running

VERSION = "1.106.2"  # later ones ask for a certifi that not every registry has
VARIABLE = "LITELLM"
KEY = "sk-benchmark"
START_TIMEOUT_S = 120.0


def found(named: str | None) -> Path | None:
    """The command, or None if it is not installed."""
    candidates = [named or os.environ.get(VARIABLE), str(_folder() / "bin" / "litellm")]
    return next((Path(path) for path in candidates if path and Path(path).exists()), None)


def install() -> None:
    """Installs it into the user's cache folder."""
    subprocess.run([sys.executable, "-m", "venv", str(_folder())], check=True)
    subprocess.run([str(_folder() / "bin" / "pip"), "install", "-q", f"litellm[proxy]=={VERSION}"], check=True)


@contextmanager
def litellm(command: Path, upstream: str) -> Iterator[Running]:
    """The proxy with one worker, its defaults and a key, before the engine at `upstream`."""
    models = [
        {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_base": upstream, "api_key": "none"}}
        for name in ("instant", "paced")
    ]
    config = {
        "model_list": models,
        "litellm_settings": {"telemetry": False},
        "general_settings": {"master_key": KEY},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(json.dumps(config))  # JSON is YAML too
        start = [str(command), "--config", str(file), "--host", "127.0.0.1", "--telemetry", "False", "--port"]
        quiet = {"LITELLM_LOG": "ERROR", "NO_COLOR": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        with running(start, [], quiet, "/health/liveliness", START_TIMEOUT_S) as server:
            yield server


def _folder() -> Path:
    return platformdirs.user_cache_path("touchstone-benchmarks", appauthor=False) / f"litellm-{VERSION}"
