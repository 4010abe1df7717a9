"""Asks a server for its verdict on records, through `POST /v1/verify/reliability` and nothing else.

The first records of a set are asked one after another, for their latency; the rest so many at once. Whatever is not a
verification with HTTP status 200 is a failure, and never counts as a verdict.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx

from training.evaluation.records import Record

PATH = "/v1/verify/reliability"
TIMED_MAX = 60  # records of a set that are asked one after another
ANSWER_TIMEOUT_S = 300.0  # above the server's own limit for a verification, so that the server's answer is what counts
_REASON_CHARS_MAX = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said of a record. `latency_s` is None if other requests ran beside it."""

    record: Record
    flagged: bool
    verdict: str
    score: float | None
    judge: str
    latency_s: float | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that got no verdict, and why."""

    record: Record
    reason: str


@dataclass(slots=True)
class Asked:
    """What came of asking."""

    answers: list[Answer] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


async def ask(url: str, records: Sequence[Record], concurrency: int) -> Asked:
    """Asks the server at `url` for each of `records`. Failures are part of what is returned."""
    asked = Asked()
    waiting = iter(records)
    # Loopback or a server that was named: no proxy of the environment may come between.
    async with httpx.AsyncClient(base_url=url, timeout=ANSWER_TIMEOUT_S, trust_env=False) as client:
        await _work(client, islice(waiting, TIMED_MAX), asked, timed=True)
        async with asyncio.TaskGroup() as workers:
            for _ in range(concurrency):
                workers.create_task(_work(client, waiting, asked, timed=False))
    return asked


async def _work(client: httpx.AsyncClient, waiting: Iterator[Record], asked: Asked, timed: bool) -> None:
    for record in waiting:
        outcome = await _ask_one(client, record, timed)
        if isinstance(outcome, Answer):
            asked.answers.append(outcome)
        else:
            asked.failures.append(outcome)


async def _ask_one(client: httpx.AsyncClient, record: Record, timed: bool) -> Answer | Failure:
    body = {"prompt": record.prompt, "output": record.response}
    if record.document is not None:
        body["context"] = record.document
    started = time.perf_counter()
    try:
        response = await client.post(PATH, json=body)
    except httpx.HTTPError as error:
        return Failure(record, f"no answer: {error!r}"[:_REASON_CHARS_MAX])
    latency_s = time.perf_counter() - started if timed else None
    if response.status_code != httpx.codes.OK:
        return Failure(record, f"HTTP {response.status_code}: {response.text}"[:_REASON_CHARS_MAX])
    try:
        return _answer(record, response.json(), latency_s)
    except (KeyError, TypeError, ValueError) as error:
        return Failure(record, f"no verification: {error!r}"[:_REASON_CHARS_MAX])


def _answer(record: Record, said: Any, latency_s: float | None) -> Answer:
    """Raises KeyError, TypeError or ValueError if `said` is no verification."""
    if not isinstance(said["is_hallucination"], bool):
        raise TypeError("is_hallucination is neither true nor false")
    score = None if said["score"] is None else float(said["score"])
    if score is not None and not 0 <= score <= 1:
        raise ValueError(f"score {score} is no probability")
    return Answer(record, said["is_hallucination"], str(said["verdict"]), score, str(said["judge"]), latency_s)
