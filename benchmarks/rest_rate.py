"""REST verification of a trivial response, beside a bare route and the minimal SDK server.

`python -m benchmarks.rest_rate`. The bare route answers the same bytes. The SDK server answers the same values through
its tool, in JSON: what the same call costs a client that speaks MCP.
"""

import asyncio
import json

from benchmarks.calls import JSON_ONLY, mcp_call, rest_call
from benchmarks.figures import print_run
from benchmarks.load import answer_of
from benchmarks.rate import CALLERS, ROUNDS, measure_rates, rates_table
from benchmarks.running import bare_route, minimal_sdk, touchstone
from benchmarks.samples import TRIVIAL


async def main() -> None:
    print_run(f"REST verify, {CALLERS} connections, median of {ROUNDS} rounds (least-greatest)")
    with touchstone() as ours:
        answer = await answer_of(rest_call(ours, TRIVIAL))
        with minimal_sdk(json.loads(answer)) as sdk, bare_route(answer) as bare:
            turns = {
                "touchstone": (ours, rest_call(ours, TRIVIAL)),
                "minimal SDK server": (sdk, mcp_call(sdk, TRIVIAL, JSON_ONLY, "/json")),
                "bare route": (bare, rest_call(bare, TRIVIAL, "/answer")),
            }
            print(rates_table(await measure_rates(turns)))


if __name__ == "__main__":
    asyncio.run(main())
