"""Live requests while 2,000 clients are slow on purpose. `python -m benchmarks.slow_clients [--clients N]`.

In each round live requests are measured three times, without the slow clients, from the moment on at which these begin
to come, and once all are there, each time for some seconds: a chat completion of an engine that answers at once, and a
verification of one claim. A live request that is refused ends
the run with an error. The slow clients run in a process of their own, on the same machine, and each that is cut off
comes again.
"""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx

from benchmarks.calls import chat_call, rest_call
from benchmarks.figures import median, percentile, print_run, ratio, table
from benchmarks.load import Bounds, Call, load
from benchmarks.running import REPOSITORY, Running, instant_upstream, touchstone
from benchmarks.samples import LATENCY_SAMPLES
from benchmarks.slow_swarm import KINDS

CLIENTS = 2_000
ROUNDS = 5
SECONDS = 8.0
SETTLE_S = 10.0  # after all have come, so that their coming and their staying are measured apart
CALLERS = 2
FILE_BYTES = 20_000_000
AIM = "Aim: p99 within three times the quiet one."


async def main(options: argparse.Namespace) -> None:
    print_run(
        f"Live requests beside {options.clients:,} slow clients, median of {options.rounds} rounds (least-greatest)"
    )
    with instant_upstream() as engine, touchstone("--engine-url", f"http://127.0.0.1:{engine.port}") as server:
        calls = {
            "chat completion passed on": chat_call(server, "instant", False),
            "verification, 1 claim": rest_call(server, LATENCY_SAMPLES[2]),
        }
        file_id = upload(server)
        for call in calls.values():
            await load(call, CALLERS, Bounds(200, SECONDS))
        quiet: dict[str, list[list[float]]] = {name: [] for name in calls}
        coming: dict[str, list[list[float]]] = {name: [] for name in calls}
        beside: dict[str, list[list[float]]] = {name: [] for name in calls}
        at_start, most = server.rss_mb(), 0.0
        for _ in range(options.rounds):
            await measure(calls, quiet, options.seconds)
            async with slow_clients(server.port, options.clients, file_id, options.kinds) as settled:
                await measure(calls, coming, options.seconds)
                await settled()
                await measure(calls, beside, options.seconds)
                most = max(most, server.rss_mb())
        for title, busy in (("while they come", coming), ("once they are there", beside)):
            print(f"{told(title, quiet, busy)}\n")
        print(f"Memory of the server: {at_start:.0f} MB before, {most:.0f} MB at the most beside the slow clients.")
    print(f"\n{AIM}")


def told(title: str, quiet: dict[str, list[list[float]]], busy: dict[str, list[list[float]]]) -> str:
    """The table of one phase."""
    rows = [(title, "p50 ms quiet", "beside", "ratio", "p99 ms quiet", "beside", "ratio")]
    for name in quiet:
        cells: list[str] = []
        for hundredths in (50, 99):
            still, slow = ([percentile(each, hundredths) * 1000 for each in of[name]] for of in (quiet, busy))
            cells += [median(still), median(slow), ratio(slow, still, 1)]
        rows.append((name, *cells))  # type: ignore[arg-type]  # as many as there are headings
    return table(rows)


async def measure(calls: dict[str, Call], into: dict[str, list[list[float]]], seconds: float) -> None:
    """One more list of latencies for each call."""
    for name, call in calls.items():
        into[name].append((await load(call, CALLERS, Bounds(1_000_000, seconds))).latencies_s)


@contextlib.asynccontextmanager
async def slow_clients(port: int, count: int, file_id: str, kinds: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """They begin to come; what is given waits until all are there, and for SETTLE_S more. Says at the end how often
    they were cut off."""
    command = [sys.executable, "-m", "benchmarks.slow_swarm", str(port), str(count), file_id, kinds]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=REPOSITORY, stdin=pipe, stdout=pipe)
    assert process.stdin is not None  # noqa: S101  it is a pipe
    assert process.stdout is not None  # noqa: S101
    said = process.stdout

    async def settled() -> None:
        if (await said.readline()).strip() != b"there":
            raise RuntimeError("the slow clients did not come")
        await asyncio.sleep(SETTLE_S)

    try:
        yield settled
    finally:
        process.stdin.close()
        print(f"cut off and come again: {(await process.stdout.read()).decode().strip()}", flush=True)
        await process.wait()


def upload(server: Running) -> str:
    """The id of a large file."""
    content = b"x" * FILE_BYTES
    url = f"http://127.0.0.1:{server.port}/v1/files"
    answer = httpx.post(url, files={"file": ("large.txt", content)}, data={"purpose": "user_data"}, trust_env=False)
    return str(answer.raise_for_status().json()["id"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What slow clients cost the others.")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--kinds", default=",".join(KINDS), help="how they are slow")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each measurement")
    asyncio.run(main(parser.parse_args()))
