"""Chat completions of an engine that answers at once, through Touchstone and through others.

`python -m benchmarks.gateway` measures the engine itself; a bare pass-through of Starlette and aiohttp, served as
Touchstone is and once more as uvicorn comes alone, which is with h11; the proxy of LiteLLM, if it is installed
(`--litellm PATH`, `--install-litellm`); Touchstone with keys, figures and log. One worker each. Requests a second at 1,
16 and 64 connections, streams of 100 events, CPU time of an event in a stream that comes slowly, as from a model, and
memory.
"""

import argparse
import asyncio
import contextlib
from collections.abc import Iterator, Mapping

from benchmarks.calls import chat_call
from benchmarks.figures import median, print_run, ratio, table
from benchmarks.litellm import KEY as LITELLM_KEY
from benchmarks.litellm import found, install, litellm
from benchmarks.load import Bounds, load
from benchmarks.rate import ROUNDS, Rates, measure_rates
from benchmarks.running import Running, bare_pass_through, instant_upstream, touchstone
from benchmarks.servers.instant_upstream import CHUNKS

KEY = "a-long-key-of-the-benchmark"
CONNECTIONS = (1, 16, 64)
STREAMS_AT_ONCE = 16
PACED = Bounds(calls_max=64, seconds_max=60.0)
PACED_AT_ONCE = 16
PACED_ROUNDS = 3
OURS, BARE, PLAIN, THEIRS = "touchstone", "bare pass-through", "the same with h11", "LiteLLM proxy"
AIM = f"Aim: 0.9 of the {BARE}, and 50 times {THEIRS}."

Servers = Mapping[str, tuple[Running, str]]
"""By name: the server and the key that it wants."""


async def main(options: argparse.Namespace) -> None:
    if options.install_litellm:
        install()
    print_run(f"Gateway, median of {ROUNDS} rounds (least-greatest)")
    with _servers(options.litellm) as servers:
        start = {name: server.rss_mb() for name, (server, _) in servers.items()}
        for callers in CONNECTIONS:
            print(_rates_table(f"{callers} connections", "calls/s", await _measure(servers, "instant", False, callers)))
            print()
        print(_rates_table("streams", "streams/s", await _measure(servers, "instant", True, STREAMS_AT_ONCE)))
        print()
        print(_paced_table({name: await _cpu_us(*server) for name, server in servers.items()}))
        print()
        rows = [(name, f"{start[name]:.0f}", f"{server.rss_mb():.0f}") for name, (server, _) in servers.items()]
        print(table([("MB in RAM", "at the start", "now"), *rows]))
    if THEIRS not in servers:
        print(f"\n{THEIRS}: not installed, so not measured (--install-litellm)")
    print(f"\n{AIM}")


@contextlib.contextmanager
def _servers(named: str | None) -> Iterator[Servers]:
    with contextlib.ExitStack() as stack:
        engine = stack.enter_context(instant_upstream())
        url = f"http://127.0.0.1:{engine.port}"
        ours = stack.enter_context(
            touchstone("--require-keys", "--engine-url", url, TOUCHSTONE_API_KEYS=f"another-key-of-the-benchmark,{KEY}")
        )
        servers = {OURS: (ours, KEY), BARE: (stack.enter_context(bare_pass_through(url)), "")}
        servers[PLAIN] = (stack.enter_context(bare_pass_through(url, "h11")), "")
        if command := found(named):
            servers[THEIRS] = (stack.enter_context(litellm(command, f"{url}/v1")), LITELLM_KEY)
        servers["engine itself"] = (engine, "")
        yield servers


async def _measure(servers: Servers, model: str, stream: bool, callers: int) -> dict[str, Rates]:
    turns = {name: (server, chat_call(server, model, stream, key)) for name, (server, key) in servers.items()}
    return await measure_rates(turns, callers)


async def _cpu_us(server: Running, key: str) -> list[float]:
    """CPU time of an event in microseconds, one figure a round. A stream's own head and end are in it."""
    figures = []
    for _ in range(PACED_ROUNDS):
        before = server.cpu_s()
        done = await load(chat_call(server, "paced", True, key), PACED_AT_ONCE, PACED)
        figures.append((server.cpu_s() - before) * 1e6 / (CHUNKS * len(done.latencies_s)))
    return figures


def _rates_table(title: str, unit: str, rates: Mapping[str, Rates]) -> str:
    ours = rates[OURS]
    rows = [(title, unit, "CPU ms", f"rate of {OURS} over this", "CPU over this")]
    for name, each in rates.items():
        rows.append(
            (
                name,
                median(each.calls_per_s, 0),
                median(each.cpu_ms_per_call, 3),
                "" if each is ours else ratio(ours.calls_per_s, each.calls_per_s),
                "" if each is ours else ratio(ours.cpu_ms_per_call, each.cpu_ms_per_call),
            )
        )
    return table(rows)


def _paced_table(figures: Mapping[str, list[float]]) -> str:
    rows = [("an event of a slow stream", "CPU us", f"CPU of {OURS} over this")]
    for name, each in figures.items():
        rows.append((name, median(each, 0), "" if name == OURS else ratio(figures[OURS], each)))
    return table(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What a request through the gateway costs.")
    parser.add_argument("--litellm", help="LiteLLM's command, such as ENVIRONMENT/bin/litellm")
    parser.add_argument("--install-litellm", action="store_true", help="install it into the user's cache folder first")
    asyncio.run(main(parser.parse_args()))
