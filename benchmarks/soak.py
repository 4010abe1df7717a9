"""Whether memory stays flat. `python -m benchmarks.soak [--minutes 10] [--kinds chat,batch]`. Linux only.

Mixed traffic, for as long as is asked, to a server with keys and plans: everything that `soak_kinds.py` knows, or the
kinds that are named. Meanwhile memory, open files and threads of the server are looked at, and requests in flight at
the end. Any answer of another status than is expected is counted and named.
"""

import argparse
import asyncio
import base64
import contextlib
import os
import re
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.figures import print_run, table
from benchmarks.keys import new_key
from benchmarks.running import Running, free_port, instant_upstream, touchstone
from benchmarks.soak_kinds import DEFAULT_PLAN, KINDS, PLANS, Kind, Traffic, bearer, verify_new

LOOKS = 120
"""At the server, over the whole time."""

WARM_UP = 1 / 6
"""The part of the time after which memory should not grow any more."""

FIRST_TEXTS = 256
"""That nobody has seen before, verified before the time begins: they fill what the judge keeps of texts, which would
fill in the course of the day otherwise."""

CALLERS = 6
PAUSE_S = 0.05
REQUEST_TIMEOUT_S = 60.0
DEAD_HOST = "https://nobody.invalid/hook"
AIM = "Aim: flat memory."


@dataclass(slots=True)
class Seen:
    """One look at the server."""

    at_s: float
    rss_mb: float
    files: int
    threads: int
    rounds: int


async def main(minutes: float, names: Sequence[str]) -> None:
    print_run(f"Memory over {minutes:g} minutes of {'mixed traffic' if len(names) > 1 else names[0]}")
    with tempfile.TemporaryDirectory() as folder, instant_upstream() as engine, _server(Path(folder), engine) as server:
        url = f"http://127.0.0.1:{server.port}"
        key, admin_key = await new_key(Path(folder)), await new_key(Path(folder), is_admin=True)
        headers = bearer(key)
        async with httpx.AsyncClient(
            base_url=url, timeout=REQUEST_TIMEOUT_S, trust_env=False, headers=headers
        ) as client:
            traffic = Traffic(client, admin_key)
            print(f"MB at the start: {server.rss_mb():.0f}", end="")
            await asyncio.gather(*(_fill(traffic) for _ in range(CALLERS)))
            print(f", after {FIRST_TEXTS} texts: {server.rss_mb():.0f}.", flush=True)
            started, seconds = time.monotonic(), minutes * 60
            looks: list[Seen] = []
            kinds = [KINDS[name] for name in names]
            async with asyncio.TaskGroup() as group:
                for number in range(CALLERS):
                    group.create_task(_call(traffic, kinds, started + seconds, number * 3))
                group.create_task(_watch(server, traffic, started, seconds, looks.append))
            metrics = (await client.get("/metrics", headers=bearer(admin_key))).text
        print(_told(looks, traffic, seconds))
        if in_flight := re.search(r"^touchstone_requests_in_flight (\S+)$", metrics, re.MULTILINE):
            print(f"Requests in flight at the end, beside the one that asks: {float(in_flight[1]) - 1:g}")
    print(f"\n{AIM}")


@contextlib.contextmanager
def _server(data_dir: Path, engine: Running) -> Iterator[Running]:
    """One that needs keys, has plans, and tells of batches to two receivers: one refuses, one has no address."""
    plans = data_dir / "plans.toml"
    plans.write_text(PLANS)
    environment = {
        "TOUCHSTONE_DATA_DIR": str(data_dir),
        "TOUCHSTONE_API_KEYS": secrets.token_hex(),  # so that it needs keys; those that are used are in its store
        "TOUCHSTONE_WEBHOOK_URL": f"http://127.0.0.1:{free_port()}/hook,{DEAD_HOST}",
        "TOUCHSTONE_WEBHOOK_SECRET": f"whsec_{base64.b64encode(os.urandom(32)).decode()}",
    }
    flags = ["--engine-url", f"http://127.0.0.1:{engine.port}", "--plans-file", str(plans)]
    with touchstone(*flags, "--default-plan", DEFAULT_PLAN, **environment) as server:
        yield server


async def _fill(traffic: Traffic) -> None:
    while traffic.done["verify_new"] < FIRST_TEXTS:
        traffic.done["verify_new"] += 1
        await verify_new(traffic)


async def _call(traffic: Traffic, kinds: Sequence[Kind], until_s: float, turn: int) -> None:
    """One kind of request after the other until the time is up."""
    while time.monotonic() < until_s:
        kind = kinds[turn % len(kinds)]
        turn += 1
        try:
            await kind(traffic)
        except httpx.HTTPError as error:
            traffic.wrong[f"{kind.__name__}: {type(error).__name__}"] += 1
        traffic.done[kind.__name__] += 1
        await asyncio.sleep(PAUSE_S)


async def _watch(
    server: Running, traffic: Traffic, started: float, seconds: float, tell: Callable[[Seen], None]
) -> None:
    while (at := time.monotonic() - started) < seconds:
        files, threads = (len(os.listdir(f"/proc/{server.pid}/{name}")) for name in ("fd", "task"))
        tell(Seen(at, server.rss_mb(), files, threads, traffic.done.total()))
        await asyncio.sleep(seconds / LOOKS)


def _told(looks: list[Seen], traffic: Traffic, seconds: float) -> str:
    warm = [seen for seen in looks if seen.at_s >= seconds * WARM_UP]
    thirds = [warm[len(warm) * part // 3 : len(warm) * (part + 1) // 3] for part in range(3)]
    rows = [("after the warm-up, medians", "MB in RAM", "open files", "threads")]
    for name, part in zip(("first third", "second third", "last third"), thirds, strict=True):
        rows.append((name, *(f"{statistics.median(values):.0f}" for values in _columns(part))))  # type: ignore[arg-type]
    rows.append(("the most of all", *(f"{max(values):.0f}" for values in _columns(looks))))  # type: ignore[arg-type]
    slope = statistics.linear_regression([seen.at_s / 3600 for seen in warm], [seen.rss_mb for seen in warm]).slope
    first, last = (statistics.median(seen.rss_mb for seen in part) for part in (thirds[0], thirds[2]))
    parts = [looks[len(looks) * part // 10 : len(looks) * (part + 1) // 10] for part in range(10)]
    tenths = ", ".join(f"{statistics.median(seen.rss_mb for seen in part):.0f}" for part in parts if part)
    rounds = ", ".join(f"{part[-1].rounds:,}" for part in parts if part)
    done = ", ".join(f"{count:,} {name}" for name, count in traffic.done.most_common())
    wrong = ", ".join(f"{count} {name}" for name, count in traffic.wrong.items()) or "none"
    return (
        f"{table(rows)}\n\nMB, tenth by tenth from the start: {tenths}.\nRounds by then: {rounds}.\n"
        f"Last third over first third: {last / first:.3f}. Slope: {slope:+.0f} MB an hour.\n"
        f"Done: {done}.\nNot as expected: {wrong}."
    )


def _columns(looks: list[Seen]) -> tuple[list[float], list[float], list[float]]:
    return [seen.rss_mb for seen in looks], [seen.files for seen in looks], [seen.threads for seen in looks]


def _kinds(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in KINDS]:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(KINDS)}")
    return names


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Whether memory stays flat under mixed traffic.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kinds", type=_kinds, default=list(KINDS), help="all, if none are named")
    options = parser.parse_args()
    asyncio.run(main(options.minutes, options.kinds))
