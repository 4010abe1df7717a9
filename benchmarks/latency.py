"""Latency of one-claim and twenty-claim verifications over HTTP, one after the other. `python -m benchmarks.latency`.

Each is set beside a bare route that is sent the same request and answers the same bytes, in turns, so that the ratio
is what verification costs above HTTP.
"""

import asyncio
import json

from benchmarks.calls import JSON_ONLY, mcp_call, rest_call
from benchmarks.figures import median, percentile, print_run, ratio, table
from benchmarks.load import Bounds, Call, answer_of, load
from benchmarks.running import Running, bare_route, touchstone
from benchmarks.samples import LATENCY_SAMPLES, TRIVIAL, Sample

ROUNDS = 5
ROUND = Bounds(calls_max=60, seconds_max=1.0)
WARM_UP = Bounds(calls_max=20, seconds_max=2.0)

HEADINGS = ("", "p50 ms", "p95 ms", "bare p50 ms", "bare p95 ms", "p50 over bare", "p95 over bare")


async def main() -> None:
    print_run(f"Latency, one call at a time, median of {ROUNDS} rounds (least-greatest)")
    with touchstone() as ours:
        rest = [await row(ours, sample, "REST") for sample in (TRIVIAL, *LATENCY_SAMPLES)]
        mcp = [await row(ours, sample, "MCP") for sample in (TRIVIAL, *LATENCY_SAMPLES)]
    print(table([HEADINGS, *rest, *mcp]))


async def row(ours: Running, sample: Sample, protocol: str) -> tuple[str, ...]:
    """The figures of one sample."""
    call = rest_call(ours, sample) if protocol == "REST" else mcp_call(ours, sample, JSON_ONLY)
    answer = await answer_of(call)
    check_claims(answer, sample)
    with bare_route(answer) as bare:
        same = (
            rest_call(bare, sample, "/answer") if protocol == "REST" else mcp_call(bare, sample, JSON_ONLY, "/answer")
        )
        ours50, ours95, bare50, bare95 = await measure(call, same)
    return (
        f"{protocol}, {sample.name}",
        *(median([1000 * seconds for seconds in values]) for values in (ours50, ours95, bare50, bare95)),
        ratio(ours50, bare50, 1),
        ratio(ours95, bare95, 1),
    )


async def measure(ours: Call, bare: Call) -> tuple[list[float], list[float], list[float], list[float]]:
    """p50 and p95 of each round: ours, ours, the bare route's, the bare route's."""
    for call in (ours, bare):
        await load(call, 1, WARM_UP)
    rounds = [
        ((await load(ours, 1, ROUND)).latencies_s, (await load(bare, 1, ROUND)).latencies_s) for _ in range(ROUNDS)
    ]
    return (
        [percentile(a, 50) for a, _ in rounds],
        [percentile(a, 95) for a, _ in rounds],
        [percentile(b, 50) for _, b in rounds],
        [percentile(b, 95) for _, b in rounds],
    )


def check_claims(answer: bytes, sample: Sample) -> None:
    """Raises AssertionError unless as many claims were judged as the sample's name says."""
    body = json.loads(answer)
    body = body["result"]["structuredContent"] if "result" in body else body
    judged = len(body["claims"]) + body.get("claims_omitted", 0)
    if judged != sample.claims:
        raise AssertionError(f"{sample.name}: {judged} claims were judged")


if __name__ == "__main__":
    asyncio.run(main())
