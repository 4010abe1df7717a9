"""Lines a second of a whole batch, what it does to live requests, and what it takes in memory.

`python -m benchmarks.batch` runs a batch through a server over REST, against an engine that answers at once: from when
it is made to when its results, all of them synced, can be read. Beside it a bare loop of asyncio and aiohttp over the
same file. `--memory-lines 1000000` watches the memory of a large batch, `--run-batch ENVIRONMENT` compares with `vllm
run-batch` on a tiny model, in an environment as tests/vllm makes it, or in any other that has vLLM, with a GPU or not.
Memory needs Linux.
"""

import argparse
import asyncio
import shlex
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.batch_api import run_batch, seconds_of, upload, write_lines
from benchmarks.calls import chat_call
from benchmarks.figures import median, percentile, print_run, ratio, table
from benchmarks.load import Bounds, load
from benchmarks.run_batch import FEW, Setup, bare_s, compared_with_run_batch
from benchmarks.run_batch import LINES as RUN_BATCH_LINES
from benchmarks.running import Running, instant_upstream, touchstone

LINES = 10_000
ROUNDS = 5
MODEL = "instant"
LIVE = Bounds(calls_max=100_000, seconds_max=5.0)
LIVE_LINES = 40_000  # more than are worked off in that time
AIMS = "Aims: 0.7 of the bare loop, 1.2 times vllm run-batch, under 300 MB whatever the size."


async def main(options: argparse.Namespace) -> None:
    print_run(f"Batches, median of {ROUNDS} rounds (least-greatest)")
    if not options.only_run_batch:
        await alone(options)
    if options.run_batch:
        arguments = shlex.split(options.vllm_arguments)
        setup = Setup(options.run_batch, options.run_batch_lines, arguments, options.api_servers, options.lines_running)
        print(await compared_with_run_batch(setup), end="\n\n")
    print(AIMS)


async def alone(options: argparse.Namespace) -> None:
    """What needs no vLLM."""
    with tempfile.TemporaryDirectory() as folder, instant_upstream() as engine:
        url = f"http://127.0.0.1:{engine.port}"
        with touchstone("--engine-url", url) as server:
            print(await rates(server, engine.port, Path(folder)), end="\n\n")
            print(await live(server, Path(folder)), end="\n\n")
        if options.memory_lines:
            with touchstone("--engine-url", url) as server:
                print(await memory(server, Path(folder), options.memory_lines), end="\n\n")


async def rates(server: Running, engine_port: int, folder: Path) -> str:
    """Whole batches beside the bare loop, in turns."""
    path = folder / "lines.jsonl"
    write_lines(path, LINES, MODEL)
    file_id = await upload(server, path)
    await seconds_of(server, file_id)
    ours, bare, cpu = [], [], []
    for _ in range(ROUNDS):
        before = server.cpu_s()
        ours.append(LINES / await seconds_of(server, file_id))
        cpu.append((server.cpu_s() - before) * 1000 / LINES)
        bare.append(LINES / await asyncio.to_thread(bare_s, path, engine_port, FEW))
    rows = [
        (f"{LINES:,} lines", "lines/s", "CPU ms a line", "rate of touchstone over this"),
        ("touchstone", median(ours, 0), median(cpu, 3), ""),
        ("bare loop", median(bare, 0), "", ratio(ours, bare)),
    ]
    return table(rows)


async def live(server: Running, folder: Path) -> str:
    """Chat completions on one connection, alone and while a batch runs at full speed."""
    call = chat_call(server, MODEL, False)
    path = folder / "many.jsonl"
    write_lines(path, LIVE_LINES, MODEL)
    file_id = await upload(server, path)
    quiet = (await load(call, 1, LIVE)).latencies_s
    batch = asyncio.create_task(seconds_of(server, file_id))
    await asyncio.sleep(1.0)  # it is being worked off by now
    beside = (await load(call, 1, LIVE)).latencies_s
    was_running = not batch.done()
    seconds = await batch
    rows = [("a live request", "p50 ms", "p99 ms")]
    for name, each in (("alone", quiet), ("beside a batch", beside)):
        rows.append((name, *(f"{1000 * percentile(each, hundredths):.1f}" for hundredths in (50, 99))))
    over = (f"{percentile(beside, hundredths) / percentile(quiet, hundredths):.1f}" for hundredths in (50, 99))
    rows.append(("ratio", *over))
    note = "" if was_running else "\nThe batch ended before: the figures beside it are too low."
    return f"{table(rows)}\nThe batch meanwhile: {LIVE_LINES / seconds:,.0f} lines/s.{note}"


async def memory(server: Running, folder: Path, lines: int) -> str:
    """The memory of the server while it works off one large batch."""
    path = folder / "large.jsonl"
    write_lines(path, lines, MODEL)
    rows = [("of the lines", "MB in RAM", "seconds"), ("before", f"{server.rss_mb():.0f}", "")]
    file_id = await upload(server, path)
    rows.append(("uploaded", f"{server.rss_mb():.0f}", ""))
    most, told, validated = 0.0, 0, 0.0
    async for seconds, batch in run_batch(server, file_id):
        most = max(most, server.rss_mb())
        tenths = _tenths(batch)
        if batch["status"] != "validating" and not validated:
            validated = seconds
            rows.append(("validated", f"{server.rss_mb():.0f}", f"{seconds:.1f}"))
        if tenths > told:
            told = tenths
            rows.append((f"{tenths}0 %", f"{server.rss_mb():.0f}", f"{seconds:.1f}"))
    return f"{table([(f'{lines:,} lines', *rows[0][1:]), *rows[1:]])}\nThe most: {most:.0f} MB."


def _tenths(batch: dict[str, Any]) -> int:
    counts = batch["request_counts"]
    return int(10 * counts["completed"] / counts["total"]) if counts["total"] else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What a batch costs.")
    parser.add_argument("--memory-lines", type=int, default=0, help="lines of a large batch whose memory is watched")
    parser.add_argument("--run-batch", type=Path, help="environment with vLLM, to compare with its run-batch")
    parser.add_argument("--only-run-batch", action="store_true", help="only that comparison")
    parser.add_argument("--run-batch-lines", type=int, default=RUN_BATCH_LINES, help="lines of the batch compared")
    parser.add_argument("--vllm-arguments", default="", help="more arguments for vLLM, in one string")
    parser.add_argument(
        "--api-servers", type=int, nargs="+", default=[1], help="processes of vLLM's HTTP server, each number in turn"
    )
    parser.add_argument(
        "--lines-running", type=int, nargs="+", default=[FEW], help="batch_lines_running_max, each number in turn"
    )
    asyncio.run(main(parser.parse_args()))
