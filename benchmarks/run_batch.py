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
from pathlib import Path

from benchmarks.batch_api import seconds_of, upload, write_lines
from benchmarks.figures import median, ratio, table
from benchmarks.running import REPOSITORY, running, touchstone

LINES = 500
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
READS = "Reading batch from"
"""What run-batch logs when its model is loaded."""


async def compared_with_run_batch(environment: Path) -> str:
    """Rates of both, one after the other: two vLLMs at once would be in each other's way."""
    python = str(environment / "bin" / "python")
    with tempfile.TemporaryDirectory() as folder:
        _make_model(python, folder)
        model, path = str(Path(folder) / "tiny"), Path(folder) / "lines.jsonl"
        write_lines(path, LINES, "tiny")
        theirs = [LINES / _run_batch_s(python, model, path) for _ in range(ROUNDS)]
        serve = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", model, *ARGUMENTS]
        command = [*serve, "--host", "127.0.0.1", "--port"]
        with (
            running(command, [], ENVIRONMENT, "/health", START_S) as engine,
            touchstone("--engine-url", f"http://127.0.0.1:{engine.port}") as server,
        ):
            file_id = await upload(server, path)
            ours, few, all_at_once = [], [], []
            for _ in range(ROUNDS):
                ours.append(LINES / await seconds_of(server, file_id))
                few.append(LINES / await asyncio.to_thread(bare_s, path, engine.port, FEW))
                all_at_once.append(LINES / await asyncio.to_thread(bare_s, path, engine.port, LINES))
    rows = [
        (f"{LINES:,} lines, tiny model", "lines/s", "rate of touchstone over this"),
        ("touchstone before vLLM", median(ours, 1), ""),
        ("vllm run-batch", median(theirs, 1), ratio(ours, theirs)),
        (f"bare loop before vLLM, {FEW} at once", median(few, 1), ratio(ours, few)),
        ("bare loop before vLLM, all at once", median(all_at_once, 1), ratio(ours, all_at_once)),
    ]
    return table(rows)


def bare_s(path: Path, port: int, at_once: int) -> float:
    """The seconds that the bare loop takes for the file, against the engine on `port`."""
    results, url = str(path.with_suffix(".bare")), f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "benchmarks.servers.bare_batch", str(path), results, url, str(at_once)]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _make_model(python: str, folder: str) -> None:
    subprocess.run([python, str(TINY_MODEL), folder], check=True, capture_output=True, timeout=MAKE_S)


def _run_batch_s(python: str, model: str, path: Path) -> float:
    results = path.with_suffix(".out")
    results.unlink(missing_ok=True)
    command = [python, "-m", "vllm.entrypoints.openai.run_batch", "-i", str(path), "-o", str(results)]
    log = subprocess.Popen(
        [*command, "--model", model, *ARGUMENTS],
        env=os.environ | ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started, said = 0.0, []
    try:
        for text in log.stdout or ():
            said.append(text)
            if READS in text:
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
