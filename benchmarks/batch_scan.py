"""Validation of a batch's input file: its time and memory, and what live requests feel of it. Linux and macOS only.

`python -m benchmarks.batch_scan [LINES]`, a million if not given. The floor of the time is a bare loop over the same
file that parses each line with orjson and puts its custom_id into a set; it writes no index and checks nothing else.
The floor of the wait is the same route with no scan beside it.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from benchmarks.calls import rest_call
from benchmarks.figures import median, percentile, print_run, ratio, table
from benchmarks.load import Bounds, load
from benchmarks.running import REPOSITORY, running
from benchmarks.samples import TRIVIAL
from benchmarks.servers.scanning_route import scan_once
from inference.batches.input.repeats import suspects

LINES = 1_000_000
ROUNDS = 3
ROUND = Bounds(calls_max=20_000, seconds_max=3.0)
WARM_UP = Bounds(calls_max=200, seconds_max=3.0)
HASHES = {"unique": "all different", "twice": "each twice"}
HASHES_COUNT = 5_000_000
HOWS = ("bare", "process", "thread")
"""As served it is a process; the thread is what it was chosen over."""

WORDS = "Say in a word what is the capital of the country with the number"
AIM = "Aim: 1,000,000 lines in under 10 s, 5,000,000 in under 150 MB beyond the floor of an empty process."


def write_file(path: Path, lines: int) -> int:
    """Writes a file of requests of some 250 bytes; returns its size in bytes."""
    envelope = {"method": "POST", "url": "/v1/chat/completions"}
    with path.open("wb", buffering=1 << 20) as file:
        for number in range(lines):
            messages = [{"role": "system", "content": "Answer."}, {"role": "user", "content": f"{WORDS} {number}?"}]
            body = {"model": "meta-llama/Llama-3.1-8B", "messages": messages, "max_tokens": 100}
            file.write(orjson.dumps({"custom_id": f"request-{number}", **envelope, "body": body}) + b"\n")
    return path.stat().st_size


def bare_loop(path: Path) -> int:
    """The least that finds out whether the lines are JSON and their custom_ids unique."""
    seen = set()
    with path.open("rb") as file:
        for line in file:
            seen.add(orjson.loads(line)["custom_id"])
    return len(seen)


def look_for_repeats(how: str) -> None:
    """Looks through the hashes of as many custom_ids as a batch may have, all of them different or each there twice."""
    hashes = bytearray(8 * HASHES_COUNT)
    half = len(hashes) // 2
    for at in range(0, half, 8 * 1000):
        hashes[at : at + 8 * 1000] = os.urandom(8 * 1000)
        hashes[half + at : half + at + 8 * 1000] = os.urandom(8 * 1000)
    if how == "twice":
        hashes[half:] = memoryview(hashes)[:half].tobytes()
    if (suspects(hashes) is not None) != (how == "twice"):
        raise AssertionError("the repeats were not told from the others")


def once(how: str, folder: Path, size: int) -> dict[str, float]:
    """One run in this process: seconds, CPU time, and the greatest memory of this process and of the one it starts."""
    started, cpu_before = time.perf_counter(), time.process_time()
    if how == "bare":
        bare_loop(folder / "input")
    elif how in HASHES:
        look_for_repeats(how)
    elif how != "empty":
        found = asyncio.run(scan_once(folder, size, how))
        if found.errors or not found.shards:
            raise AssertionError(f"the scan refused the file: {list(found.errors)[:3]}")
    own, other = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    per_mb = 1e6 if sys.platform == "darwin" else 1e3  # Linux counts in KB
    return {
        "seconds": time.perf_counter() - started,
        "cpu_own": time.process_time() - cpu_before,
        "cpu": time.process_time() - cpu_before + other.ru_utime + other.ru_stime,
        "own": own.ru_maxrss / per_mb,
        "other": other.ru_maxrss / per_mb,
    }


def in_fresh_process(how: str, folder: Path, size: int) -> dict[str, float]:
    """The same in a process of its own, whose memory nobody has used before."""
    command = [sys.executable, "-m", "benchmarks.batch_scan", "--once", how, str(folder), str(size)]
    figures: dict[str, float] = json.loads(subprocess.check_output(command, cwd=REPOSITORY))
    return figures


def times_and_memory(folder: Path, size: int, lines: int) -> str:
    empty = in_fresh_process("empty", folder, size)
    runs: dict[str, list[dict[str, float]]] = {how: [] for how in HOWS}
    for _ in range(ROUNDS):
        for how in HOWS:
            runs[how].append(in_fresh_process(how, folder, size))
    seconds = {how: [run["seconds"] for run in done] for how, done in runs.items()}
    cpu = {how: [run["cpu"] for run in done] for how, done in runs.items()}
    rows = [("", "s", "CPU s", "CPU us a line", "CPU over the bare loop", "own CPU s", "MB, own", "MB, process")]
    for how, done in runs.items():
        own = max(run["own"] for run in done) - empty["own"]
        other = max(run["other"] for run in done)
        rows.append(
            (
                {"bare": "bare loop"}.get(how, f"scan in a {how}"),
                median(seconds[how]),
                median(cpu[how]),
                median([used / lines * 1e6 for used in cpu[how]]),
                ratio(cpu[how], cpu["bare"]) if how != "bare" else "",
                median([run["cpu_own"] for run in done]),
                f"+{own:.0f}",
                f"{other:.0f}" if how == "process" else "",
            )
        )
    return f"{table(rows)}\n\nMB, own: beyond the {empty['own']:.0f} MB of a process that scans nothing."


def repeats(folder: Path) -> str:
    """What it takes to find repeated custom_ids, without reading the file."""
    rows = [(f"{HASHES_COUNT:,} hashes of custom_ids", "CPU s", "MB")]
    empty = in_fresh_process("empty", folder, 0)
    for how, said in HASHES.items():
        figures = in_fresh_process(how, folder, 0)
        rows.append((said, f"{figures['cpu']:.2f}", f"+{figures['own'] - empty['own']:.0f}"))
    return table(rows)


async def waits(folder: Path, size: int) -> str:
    """What a live request waits while a file is scanned beside it."""
    rows = [("live request, one at a time", "p50 ms", "p99 ms", "p99 over no scan", "calls/s")]
    p99s: dict[str, list[float]] = {}
    for mode in ("none", "process", "thread"):
        command = [sys.executable, "-m", "benchmarks.servers.scanning_route"]
        with running(command, [str(folder), str(size), mode], {}) as server:
            call = rest_call(server, TRIVIAL, "/answer")
            await load(call, 1, WARM_UP)
            rounds = [await load(call, 1, ROUND) for _ in range(ROUNDS)]
        p99s[mode] = [percentile(done.latencies_s, 99) * 1e3 for done in rounds]
        rows.append(
            (
                {"none": "no scan"}.get(mode, f"scan in a {mode}"),
                median([percentile(done.latencies_s, 50) * 1e3 for done in rounds]),
                median(p99s[mode]),
                ratio(p99s[mode], p99s["none"], 1) if mode != "none" else "",
                median([done.rate for done in rounds], 0),
            )
        )
    return table(rows)


async def main(lines: int) -> None:
    print_run(f"Validation of {lines:,} lines, median of {ROUNDS} rounds (least-greatest)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write_file(folder / "input", lines)
        print(f"{size / lines:.0f} bytes a line\n\n{times_and_memory(folder, size, lines)}\n")
        print(f"{repeats(folder)}\n")
        print(f"{await waits(folder, size)}\n\n{AIM}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        print(json.dumps(once(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))))
    else:
        asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else LINES))
