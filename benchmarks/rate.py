"""Rates of several servers, measured in turns so that a busy neighbour disturbs all of them alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.figures import median, ratio, table
from benchmarks.load import Bounds, Call, load
from benchmarks.running import Running

CALLERS = 8  # connections: enough that the server is never idle, few enough that nobody waits in line for long
ROUNDS = 7
ROUND = Bounds(calls_max=20_000, seconds_max=1.0)
WARM_UP = Bounds(calls_max=300, seconds_max=3.0)


@dataclass(slots=True)
class Rates:
    """One figure a round."""

    calls_per_s: list[float] = field(default_factory=list)
    cpu_ms_per_call: list[float] = field(default_factory=list)


Turn = tuple[Running, Call]


async def measure_rates(turns: Mapping[str, Turn], callers: int = CALLERS) -> dict[str, Rates]:
    """Rates of each server under its name. A round gives each server one turn: A B C A B C."""
    for _, call in turns.values():
        await load(call, callers, WARM_UP)
    rates = {name: Rates() for name in turns}
    for _ in range(ROUNDS):
        for name, (server, call) in turns.items():
            before = server.cpu_s()
            done = await load(call, callers, ROUND)
            rates[name].calls_per_s.append(done.rate)
            rates[name].cpu_ms_per_call.append((server.cpu_s() - before) * 1000 / len(done.latencies_s))
    return rates


def rates_table(rates: Mapping[str, Rates]) -> str:
    """All rates, and those of the first server as ratios to each other one."""
    (first, ours), *floors = rates.items()
    rows = [("", "calls/s", "CPU ms/call", f"rate of {first} over this", f"CPU of {first} over this")]
    rows.append((first, median(ours.calls_per_s, 0), median(ours.cpu_ms_per_call), "", ""))
    for name, floor in floors:
        rows.append(
            (
                name,
                median(floor.calls_per_s, 0),
                median(floor.cpu_ms_per_call),
                ratio(ours.calls_per_s, floor.calls_per_s),
                ratio(ours.cpu_ms_per_call, floor.cpu_ms_per_call),
            )
        )
    return table(rows)
