"""From the start of the process to the first 200 of `/ready`, beside what no MCP server can do without.

`python -m benchmarks.start_up`. Every command runs once before it is measured, so that bytecode and pages are cached:
the second start of an installed server.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from benchmarks.figures import median, print_run, ratio, table
from benchmarks.running import REPOSITORY, Running, minimal_sdk, touchstone

ROUNDS = 7
AIM = "Aim: ready in one second."


def python(code: str) -> float:
    """Seconds that a Python process takes for `code`, without the time that it takes to clean up after itself."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"{code}\nimport os; os._exit(0)"], cwd=REPOSITORY, check=True)
    return time.perf_counter() - started


def start(server: Callable[[], AbstractContextManager[Running]]) -> float:
    """Seconds from the start of the process until it is ready."""
    with server() as running:
        return running.start_s


STARTS: dict[str, Callable[[], float]] = {
    "touchstone serve": lambda: start(touchstone),
    "minimal SDK server": lambda: start(lambda: minimal_sdk({})),
    "import of the MCP SDK": lambda: python("import mcp.server.lowlevel, mcp.server.streamable_http_manager"),
    "python -c pass": lambda: python("pass"),
}


def main() -> None:
    print_run(f"Start-up, median of {ROUNDS} rounds (least-greatest)")
    for begin in STARTS.values():
        begin()
    seconds: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(ROUNDS):
        for name, begin in STARTS.items():
            seconds[name].append(begin())
    (first, ours), *floors = seconds.items()
    rows = [("", "seconds", "least-greatest", f"{first} over this")]
    rows.append((first, median(ours), spread(ours), ""))
    rows += [(name, median(values), spread(values), ratio(ours, values)) for name, values in floors]
    print(f"{table(rows)}\n\n{AIM}")


def spread(values: list[float]) -> str:
    return f"{min(values):.2f}-{max(values):.2f}"


if __name__ == "__main__":
    main()
