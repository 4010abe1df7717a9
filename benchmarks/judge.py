"""One claim against one page, through the server: latency on one core, rate on two. `python -m benchmarks.judge`.

Every request has a page and a claim of its own, so that nothing is remembered from the one before. The floor is the
judge's model alone: one bare run of the network over an input of the same length, in this process, in turns. What is
above it is HTTP, claim cutting, retrieval, reading, rules and explanation. Needs Linux to keep the server to its cores.
"""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.calls import rest_call
from benchmarks.figures import median, percentile, print_run, ratio, table
from benchmarks.load import Call, answer_of
from benchmarks.running import Running, touchstone
from benchmarks.samples import page_sample
from inference.judges.cross_encoder.judge import EVIDENCE_PIECES_MAX
from inference.judges.cross_encoder.model import PairText, ShippedModel
from inference.judges.cross_encoder.reading import load_tokenizer, read

ROUNDS = 5
CALLS = 30  # of one round
WARM_UP = 10
CALLERS = 4


async def main() -> None:
    print_run(f"One claim against one page, median of {ROUNDS} rounds of {CALLS} (least-greatest)")
    cores = sorted(os.sched_getaffinity(0))
    floor = Floor()
    with touchstone() as server:
        calls = [rest_call(server, page_sample(number)) for number in range(WARM_UP + 2 * ROUNDS * CALLS)]
        check(await answer_of(calls[0]))
        await one_by_one(calls[:WARM_UP])
        keep_to(server, cores[:1])
        alone, bare = [], []
        for number in range(ROUNDS):
            alone.append(await one_by_one(round_of(calls, number)))
            bare.append(floor.seconds(CALLS))
        keep_to(server, cores[:2])
        rates = [await rate(round_of(calls, ROUNDS + number)) for number in range(ROUNDS)]
    p50, p95 = ([percentile(each, hundredths) for each in alone] for hundredths in (50, 95))
    least = [percentile(each, 50) for each in bare]
    per_core = [1 / seconds for seconds in least]
    print(
        table(
            [
                ("", "p50 ms", "p95 ms", "bare run ms", "p50 over bare run"),
                ("one core", *(median([1000 * s for s in each]) for each in (p50, p95, least)), ratio(p50, least)),
            ]
        )
    )
    print()
    print(
        table(
            [
                ("", "verifications/s", "bare runs/s a core", "over twice that"),
                (
                    f"{len(cores[:2])} cores, {CALLERS} callers",
                    median(rates, 1),
                    median(per_core, 1),
                    ratio(rates, [2 * each for each in per_core]),
                ),
            ]
        )
    )


class Floor:
    """The network alone, over a claim and as much evidence as the judge reads of a page."""

    def __init__(self) -> None:
        sample = page_sample(0)
        tokenizer = load_tokenizer()
        claim = read(tokenizer, sample.response)
        evidence, pieces = [], 0
        for sentence in (sample.document or "").split(". "):
            reading = read(tokenizer, sentence)
            if pieces + len(reading) <= EVIDENCE_PIECES_MAX:
                evidence.append(reading)
                pieces += len(reading)
        self._pair = PairText(sample.response, (), claim, tuple(evidence))
        self._model = ShippedModel()
        self._model.open()

    def seconds(self, runs: int) -> list[float]:
        """How long each of `runs` runs took."""
        found = []
        for _ in range(runs):
            start = time.perf_counter()
            self._model.probabilities(self._pair)
            found.append(time.perf_counter() - start)
        return found


def round_of(calls: Sequence[Call], number: int) -> Sequence[Call]:
    return calls[WARM_UP + number * CALLS : WARM_UP + (number + 1) * CALLS]


async def one_by_one(calls: Sequence[Call]) -> list[float]:
    """Seconds of each call, one after the other."""
    found = []
    for call in calls:
        start = time.perf_counter()
        await answer_of(call)
        found.append(time.perf_counter() - start)
    return found


async def rate(calls: Sequence[Call]) -> float:
    """Calls a second, CALLERS at once."""
    start = time.perf_counter()
    await asyncio.gather(*(one_by_one(calls[caller::CALLERS]) for caller in range(CALLERS)))
    return len(calls) / (time.perf_counter() - start)


def keep_to(server: Running, cores: Sequence[int]) -> None:
    """Keeps all threads of the server to some cores."""
    for thread in Path(f"/proc/{server.pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)


def check(answer: bytes) -> None:
    """Raises AssertionError unless one claim was judged by the model."""
    body = json.loads(answer)
    if len(body["claims"]) != 1 or body["judge"] != ShippedModel().name:
        raise AssertionError(f"not one claim judged by the model: {answer[:300]!r}")


if __name__ == "__main__":
    asyncio.run(main())
