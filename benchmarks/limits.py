"""What the limits of a key cost a request that is passed through to an engine which answers at once.

`python -m benchmarks.limits` measures a key without a plan, a key whose limits are counted in memory and, with
`--redis-server PATH` or where one is on the PATH, a key whose limits are counted in a Redis on this machine. One worker
each; requests a second at 1 and at 16 connections.
"""

import argparse
import asyncio
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.calls import chat_call
from benchmarks.figures import print_run
from benchmarks.keys import new_key
from benchmarks.rate import ROUNDS, measure_rates, rates_table
from benchmarks.running import Running, free_port, instant_upstream, touchstone

OPERATOR_KEY = "a-long-key-of-the-benchmark"
CONNECTIONS = (1, 16)
PLANS = "[much]\nrequests_per_minute = 10_000_000\nconcurrent_requests = 1_000\n"
IN_MEMORY, IN_REDIS, WITHOUT = "limits in memory", "limits in Redis", "no plan"

Servers = dict[str, tuple[Running, str]]
"""By name: the server and the key that is used."""


async def main(options: argparse.Namespace) -> None:
    print_run(f"Limits, median of {ROUNDS} rounds (least-greatest)")
    with contextlib.ExitStack() as stack:
        servers = await _servers(stack, options.redis_server or shutil.which("redis-server"))
        for callers in CONNECTIONS:
            turns = {
                name: (server, chat_call(server, "instant", False, key)) for name, (server, key) in servers.items()
            }
            print(f"{callers} connections")
            print(rates_table(await measure_rates(turns, callers)))
            print()
    if IN_REDIS not in servers:
        print("Redis: not installed, so not measured (--redis-server PATH)")


async def _servers(stack: contextlib.ExitStack, redis_server: str | None) -> Servers:
    engine = stack.enter_context(instant_upstream())
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    plans = folder / "plans.toml"
    plans.write_text(PLANS)
    flags = ["--engine-url", f"http://127.0.0.1:{engine.port}", "--plans-file", str(plans), "--default-plan", "much"]
    urls = {IN_MEMORY: ""}
    if redis_server:
        urls[IN_REDIS] = stack.enter_context(_redis(redis_server))
    servers: Servers = {}
    for number, (name, url) in enumerate(urls.items()):
        data = folder / str(number)
        data.mkdir()
        environment = {"TOUCHSTONE_LIMITS_URL": url, "TOUCHSTONE_API_KEYS": OPERATOR_KEY}
        server = stack.enter_context(touchstone(*flags, TOUCHSTONE_DATA_DIR=str(data), **environment))
        servers.setdefault(WITHOUT, (server, OPERATOR_KEY))
        servers[name] = (server, await new_key(data))
    return servers


@contextlib.contextmanager
def _redis(program: str) -> Iterator[str]:
    """A Redis that keeps nothing on disk. Gives its URL."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What the limits of a key cost a request.")
    parser.add_argument("--redis-server", help="Redis's program, such as /usr/bin/redis-server")
    asyncio.run(main(parser.parse_args()))
