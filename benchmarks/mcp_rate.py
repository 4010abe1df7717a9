"""MCP `tools/call` on a trivial call, beside the minimal SDK server and a bare route. `python -m benchmarks.mcp_rate`.

The trivial call is `verify` with nothing to check. Both floors answer what Touchstone answered: the same structure
from the SDK server's tool, the same bytes from the bare route.
"""

import asyncio
import json
from typing import Any

from benchmarks.calls import EVENTS_TOO, JSON_ONLY, mcp_call
from benchmarks.figures import print_run
from benchmarks.load import Call, answer_of
from benchmarks.rate import CALLERS, ROUNDS, measure_rates, rates_table
from benchmarks.running import bare_route, minimal_sdk, touchstone
from benchmarks.samples import TRIVIAL

AIM = "Aim: 0.9 of the minimal SDK server's rate."

MODES = (
    ("JSON", JSON_ONLY, "/json", False),
    ("Server-sent events", EVENTS_TOO, "/events", False),
    ("JSON, revision 2026-07-28", JSON_ONLY, "/json", True),
)


async def main() -> None:
    print_run(f"MCP tools/call, {CALLERS} connections, median of {ROUNDS} rounds (least-greatest)")
    with touchstone() as ours:
        answer = await answer_of(mcp_call(ours, TRIVIAL, JSON_ONLY))
        with minimal_sdk(json.loads(answer)["result"]["structuredContent"]) as sdk, bare_route(answer) as bare:
            for title, accept, path, new in MODES:
                turns = {
                    "touchstone": (ours, mcp_call(ours, TRIVIAL, accept, new=new)),
                    "minimal SDK server": (sdk, mcp_call(sdk, TRIVIAL, accept, path, new)),
                    "bare route": (bare, mcp_call(bare, TRIVIAL, accept, "/answer", new)),
                }
                await check_same(turns["touchstone"][1], turns["minimal SDK server"][1])
                print(f"{title}\n{rates_table(await measure_rates(turns))}\n")
    print(AIM)


async def check_same(ours: Call, floor: Call) -> None:
    """Raises AssertionError unless both answer with the same content."""
    results = [message_in(await answer_of(call))["result"] for call in (ours, floor)]
    if results[0]["structuredContent"] != results[1]["structuredContent"]:
        raise AssertionError("the minimal SDK server must answer what Touchstone answers")


def message_in(body: bytes) -> Any:
    """The JSON-RPC message in an answer: the body, or the data of its one event."""
    lines = [line for line in body.splitlines() if line.startswith(b"data: ")]
    return json.loads(lines[0].removeprefix(b"data: ") if lines else body)


if __name__ == "__main__":
    asyncio.run(main())
