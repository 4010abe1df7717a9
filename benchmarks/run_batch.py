"""The same batch by a server in front of vLLM, and by vLLM's own `run-batch`, on the tiny model of tests/vllm.

The model is loaded in both cases before the time begins: for `run-batch` when it says that it reads the file, for the
server when the batch is made. It ends when the results can be read. A bare loop asks the same vLLM as the server does,
a few lines at a time and all at once: it shows what vLLM gives to those who speak HTTP to it.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.batch_api import seconds_of, upload, write_lines
from benchmarks.figures import median, ratio, table
from benchmarks.running import REPOSITORY, running, touchstone

LINES = 500  # unless another number is asked for
ROUNDS = 3
FEW = 64  # as batch_lines_running_max is by default
MAKE_S = 180.0
START_S = 600.0
"""For the tiny model; on a busy machine with two cores it takes minutes."""
TINY_MODEL = REPOSITORY / "tests" / "vllm" / "tiny_model.py"
ARGUMENTS = [
    *("--enforce-eager", "--kv-cache-memory-bytes", "67108864", "--max-model-len", "512"),
    *("--served-model-name", "tiny"),
]
ENVIRONMENT = {"TORCHDYNAMO_DISABLE": "1", "HF_HUB_OFFLINE": "1"}
READS = ("Reading batch from", "Running batch")
"""What run-batch says when its model is loaded, release by release."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is compared: a vLLM, and how it and the server before it are set."""

    environment: Path
    lines: int
    arguments: Sequence[str]
    """For vLLM, beside those above: for its server and for run-batch alike."""
    api_servers: Sequence[int]
    lines_running: Sequence[int]
    """`batch_lines_running_max` of the server before vLLM."""

    @property
    def python(self) -> str:
        return str(self.environment / "bin" / "python")


async def compared_with_run_batch(setup: Setup) -> str:
    """Rates of both, one after the other: two vLLMs at once would be in each other's way."""
    with tempfile.TemporaryDirectory() as folder:
        _make_model(setup.python, folder)
        model, path = str(Path(folder) / "tiny"), Path(folder) / "lines.jsonl"
        write_lines(path, setup.lines, "tiny")
        theirs = [_told("vllm run-batch", setup.lines / _run_batch_s(setup, model, path)) for _ in range(ROUNDS)]
        heading = (
            f"{setup.lines:,} lines, tiny model",
            "lines/s",
            "of run-batch",
            "of the bare loop",
            "of it, all at once",
        )
        rows: list[tuple[str, ...]] = [heading, ("vllm run-batch", median(theirs, 1), "", "", "")]
        for count in setup.api_servers:
            rows += await _served(setup, model, path, count, theirs)
    return table(rows)


async def _served(setup: Setup, model: str, path: Path, count: int, theirs: list[float]) -> list[tuple[str, ...]]:
    """The rows of a vLLM whose HTTP server runs in `count` processes."""
    serve = [setup.python, "-m", "vllm.entrypoints.cli.main", "serve", model, *ARGUMENTS, *setup.arguments]
    command = [*serve, "--api-server-count", str(count), "--host", "127.0.0.1", "--port"]
    rows: list[tuple[str, ...]] = []
    with running(command, [], ENVIRONMENT, "/health", START_S) as engine:
        await asyncio.to_thread(bare_s, path, engine.port, FEW)  # what vLLM compiles, it compiles now
        for running_max in setup.lines_running:
            url, limit = f"http://127.0.0.1:{engine.port}", str(running_max)
            with touchstone("--engine-url", url, TOUCHSTONE_BATCH_LINES_RUNNING_MAX=limit) as server:
                file_id = await upload(server, path)
                ours: list[float] = []
                few: list[float] = []
                whole: list[float] = []
                before = f"before vLLM with {count} API server{'s' if count > 1 else ''}"
                title = f"touchstone, {running_max} at once, {before}"
                for _ in range(ROUNDS):
                    ours.append(_told(title, setup.lines / await seconds_of(server, file_id)))
                    for into, at_once in ((few, running_max), (whole, setup.lines)):
                        seconds = await asyncio.to_thread(bare_s, path, engine.port, at_once)
                        into.append(_told(f"bare loop, {at_once} at once, {before}", setup.lines / seconds))
            rows.append((title, median(ours, 1), ratio(ours, theirs), ratio(ours, few), ratio(ours, whole)))
    return rows


def _told(title: str, rate: float) -> float:
    """Says at once what was measured: all of it takes minutes, and whoever stops it keeps what there is."""
    print(f"{title}: {rate:,.1f} lines/s", flush=True)
    return rate


def bare_s(path: Path, port: int, at_once: int) -> float:
    """The seconds that the bare loop takes for the file, against the engine on `port`."""
    results, url = str(path.with_suffix(".bare")), f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "benchmarks.servers.bare_batch", str(path), results, url, str(at_once)]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _make_model(python: str, folder: str) -> None:
    subprocess.run([python, str(TINY_MODEL), folder], check=True, capture_output=True, timeout=MAKE_S)


def _run_batch_s(setup: Setup, model: str, path: Path) -> float:
    results = path.with_suffix(".out")
    results.unlink(missing_ok=True)
    command = [setup.python, "-m", "vllm.entrypoints.openai.run_batch", "-i", str(path), "-o", str(results)]
    log = subprocess.Popen(
        [*command, "--model", model, *ARGUMENTS, *setup.arguments],
        env=os.environ | ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started, said = 0.0, []
    try:
        for text in log.stdout or ():
            said.append(text)
            if any(words in text for words in READS):
                started = time.time()
                break
        with contextlib.suppress(subprocess.TimeoutExpired):
            log.communicate(timeout=START_S)
        if not started or not results.exists():
            raise RuntimeError(f"run-batch failed:\n{''.join(said[-50:])}")
        return results.stat().st_mtime - started
    finally:
        log.kill()
        log.wait()
