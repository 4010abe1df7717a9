"""Memory after the start, after 200 verifications, after a document of 5 MB. `python -m benchmarks.memory`. Linux only.

Beside the minimal SDK server after its start, after 200 calls, and after a call with the same document. RSS counts
pages that are shared with other processes too, so it says at most what the server costs.
"""

import asyncio
from collections.abc import Callable

from benchmarks.calls import JSON_ONLY, mcp_call
from benchmarks.figures import print_run, table
from benchmarks.load import Bounds, Call, load
from benchmarks.running import Running, minimal_sdk, touchstone
from benchmarks.samples import LATENCY_SAMPLES, Sample, large_document_sample

CALLS_PER_SAMPLE = 50  # of four samples: 200 verifications
CALLERS = 4
SECONDS_MAX = 30.0
LARGE_DOCUMENTS = 3  # one after the other: what is kept must not add up
AIM = "Aim: under 200 MB."


async def main() -> None:
    print_run("Memory in RAM (RSS)")
    with touchstone() as ours, minimal_sdk({}) as sdk:
        mine = await figures(ours, lambda sample: mcp_call(ours, sample, JSON_ONLY))
        floor = await figures(sdk, lambda sample: mcp_call(sdk, sample, JSON_ONLY, "/json"))
    rows = [("MB", "touchstone", "minimal SDK server", "ratio")]
    rows += [(name, f"{mine[name]:.0f}", f"{floor[name]:.0f}", f"{mine[name] / floor[name]:.2f}") for name in mine]
    print(f"{table(rows)}\n\n{AIM}")


async def figures(server: Running, call_of: Callable[[Sample], Call]) -> dict[str, float]:
    """Memory of `server` at each stage."""
    after = {"after the start": server.rss_mb()}
    for sample in LATENCY_SAMPLES:
        await load(call_of(sample), CALLERS, Bounds(CALLS_PER_SAMPLE, SECONDS_MAX))
    after["after 200 verifications"] = server.rss_mb()
    large = call_of(large_document_sample())
    for number in range(1, LARGE_DOCUMENTS + 1):
        await load(large, 1, Bounds(1, SECONDS_MAX))
        after[f"after {number} of 5 MB"] = server.rss_mb()
    return after


if __name__ == "__main__":
    asyncio.run(main())
