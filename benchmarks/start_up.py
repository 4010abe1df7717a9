"""From the start of the process to the first 200 of `/ready`, beside what no MCP server can do without.

`python -m benchmarks.start_up`. Every command runs once before it is measured, so that bytecode and pages are cached:
the second start of an installed server. Seconds are those of the clock; CPU time, which a busy machine changes little,
is that of the process and all its threads until then.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from benchmarks.figures import median, print_run, ratio, table
from benchmarks.running import REPOSITORY, Running, minimal_sdk, touchstone

ROUNDS = 7
AIM = "Aim: ready in one second."


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds that one start took, and seconds of CPU."""

    wall_s: float
    cpu_s: float


def python(code: str) -> Start:
    """What a Python process takes for `code`, without what it takes to clean up after itself."""
    started, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-c", f"{code}\nimport os; os._exit(0)"], cwd=REPOSITORY, check=True)
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return Start(time.perf_counter() - started, cpu_s)


def start(server: Callable[[], AbstractContextManager[Running]]) -> Start:
    """From the start of the process until it is ready."""
    with server() as running:
        return Start(running.start_s, running.cpu_s())


STARTS: dict[str, Callable[[], Start]] = {
    "touchstone serve": lambda: start(touchstone),
    "minimal SDK server": lambda: start(lambda: minimal_sdk({})),
    "import of the MCP SDK": lambda: python("import mcp.server.lowlevel, mcp.server.streamable_http_manager"),
    "python -c pass": lambda: python("pass"),
}


def main() -> None:
    print_run(f"Start-up, median of {ROUNDS} rounds (least-greatest)")
    for begin in STARTS.values():
        begin()
    starts: dict[str, list[Start]] = {name: [] for name in STARTS}
    for _ in range(ROUNDS):
        for name, begin in STARTS.items():
            starts[name].append(begin())
    print(rows_of("seconds", {name: [one.wall_s for one in each] for name, each in starts.items()}))
    print(rows_of("CPU s", {name: [one.cpu_s for one in each] for name, each in starts.items()}))
    print(AIM)


def rows_of(unit: str, values_of: dict[str, list[float]]) -> str:
    """The table of one kind of seconds: the first start beside each of the others."""
    (first, ours), *floors = values_of.items()
    rows = [("", unit, "least-greatest", f"{first} over this")]
    rows.append((first, median(ours), spread(ours), ""))
    rows += [(name, median(values), spread(values), ratio(ours, values)) for name, values in floors]
    return f"{table(rows)}\n"


def spread(values: list[float]) -> str:
    return f"{min(values):.2f}-{max(values):.2f}"


if __name__ == "__main__":
    main()
