"""Whether memory stays flat. `python -m benchmarks.soak [--minutes 10]`. Linux only.

Mixed traffic, for as long as is asked: verifications plain and streamed, MCP calls, chat completions passed on plain
and streamed, embeddings, files that are uploaded, read and deleted, batches, bad requests, and clients that leave in
the middle. Meanwhile memory, open files and threads of the server are looked at, and requests in flight at the end. Any
answer of another status than is expected is counted and named.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from benchmarks.figures import print_run, table
from benchmarks.running import Running, instant_upstream, touchstone
from benchmarks.samples import LATENCY_SAMPLES

LOOKS = 120
"""At the server, over the whole time."""

WARM_UP = 1 / 6
"""The part of the time after which memory should not grow any more."""

CALLERS = 6
PAUSE_S = 0.05
BATCH_LINES = 20
REQUEST_TIMEOUT_S = 60.0
CHAT = {"model": "instant", "messages": [{"role": "user", "content": "Where does the Eiffel Tower stand?"}]}
AIM = "Aim: flat memory."


@dataclass(slots=True)
class Seen:
    """One look at the server."""

    at_s: float
    rss_mb: float
    files: int
    threads: int


@dataclass(slots=True)
class Traffic:
    """What is sent, to which end, and what came of it."""

    client: httpx.AsyncClient
    done: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    async def call(self, until_s: float, number: int) -> None:
        """One kind of request after the other until the time is up."""
        kinds = (
            self.verify,
            self.verify_stream,
            self.mcp,
            self.chat,
            self.chat_stream,
            self.embeddings,
            self.file,
            self.bad,
            self.leave,
            self.batch,
        )
        turn = number
        while time.monotonic() < until_s:
            kind = kinds[turn % len(kinds)]
            turn += 1
            try:
                await kind()
            except httpx.HTTPError as error:
                self.wrong[f"{kind.__name__}: {type(error).__name__}"] += 1
            self.done[kind.__name__] += 1
            await asyncio.sleep(PAUSE_S)

    async def expect(self, status: int, answer: Awaitable[httpx.Response]) -> httpx.Response:
        came = await answer
        if came.status_code != status:
            self.wrong[f"{came.request.method} {came.request.url.path}: {came.status_code}"] += 1
        return came

    async def verify(self) -> None:
        sample = LATENCY_SAMPLES[self.done["verify"] % len(LATENCY_SAMPLES)]
        body = {"prompt": sample.prompt, "output": sample.response}
        if sample.document:
            body["context"] = sample.document
        await self.expect(200, self.client.post("/v1/verify/reliability", json=body))

    async def verify_stream(self) -> None:
        sample = LATENCY_SAMPLES[2]
        body = {"prompt": sample.prompt, "output": sample.response, "stream": True}
        await self.expect(200, self.client.post("/v1/verify/reliability", json=body))

    async def mcp(self) -> None:
        arguments = {"prompt": LATENCY_SAMPLES[2].prompt, "response": LATENCY_SAMPLES[2].response}
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "verify", "arguments": arguments}}
        accept = ("application/json", "application/json, text/event-stream")[self.done["mcp"] % 2]
        await self.expect(200, self.client.post("/v1/mcp", json=call, headers={"accept": accept}))

    async def chat(self) -> None:
        await self.expect(200, self.client.post("/v1/chat/completions", json=CHAT))

    async def chat_stream(self) -> None:
        await self.expect(200, self.client.post("/v1/chat/completions", json=CHAT | {"stream": True}))

    async def embeddings(self) -> None:
        body = {"model": "touchstone/all-minilm-l6-v2", "input": ["vitamin C", "a cold"]}
        await self.expect(200, self.client.post("/v1/embeddings", json=body))

    async def file(self) -> None:
        file_id = await self.uploaded(b"x" * 300_000, "user_data")
        await self.expect(200, self.client.get(f"/v1/files/{file_id}/content"))
        await self.expect(200, self.client.delete(f"/v1/files/{file_id}"))

    async def bad(self) -> None:
        await self.expect(400, self.client.post("/v1/verify/reliability", content=b"[" * 5_000))
        await self.expect(404, self.client.get("/v1/files/file-nobody"))
        await self.expect(404, self.client.get(f"/nothing/{time.monotonic_ns()}"))
        await self.expect(421, self.client.get("/v1/models", headers={"host": f"h{time.monotonic_ns()}.example"}))

    async def leave(self) -> None:
        body = CHAT | {"model": "paced", "stream": True}
        with contextlib.suppress(httpx.HTTPError):
            async with self.client.stream("POST", "/v1/chat/completions", json=body) as answer:
                async for _ in answer.aiter_bytes():
                    break

    async def batch(self) -> None:
        lines = [
            {"custom_id": f"row-{number}", "method": "POST", "url": "/v1/chat/completions", "body": CHAT}
            for number in range(BATCH_LINES)
        ]
        file_id = await self.uploaded(b"\n".join(json.dumps(line).encode() for line in lines), "batch")
        body = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        made = (await self.expect(200, self.client.post("/v1/batches", json=body))).json()
        while made["status"] not in ("completed", "failed", "expired", "cancelled"):
            await asyncio.sleep(0.5)
            made = (await self.expect(200, self.client.get(f"/v1/batches/{made['id']}"))).json()
        if made["request_counts"]["completed"] != BATCH_LINES:
            self.wrong["a batch that is not completed"] += 1
        for used in (made["output_file_id"], file_id):
            await self.expect(200, self.client.delete(f"/v1/files/{used}"))

    async def uploaded(self, content: bytes, purpose: str) -> str:
        files = {"file": ("soak.jsonl", content)}
        answer = await self.expect(200, self.client.post("/v1/files", files=files, data={"purpose": purpose}))
        return str(answer.json()["id"])


async def main(minutes: float) -> None:
    print_run(f"Memory over {minutes:g} minutes of mixed traffic")
    with instant_upstream() as engine, touchstone("--engine-url", f"http://127.0.0.1:{engine.port}") as server:
        url = f"http://127.0.0.1:{server.port}"
        async with httpx.AsyncClient(base_url=url, timeout=REQUEST_TIMEOUT_S, trust_env=False) as client:
            traffic = Traffic(client)
            started, seconds = time.monotonic(), minutes * 60
            looks: list[Seen] = []
            async with asyncio.TaskGroup() as group:
                for number in range(CALLERS):
                    group.create_task(traffic.call(started + seconds, number * 3))
                group.create_task(_watch(server, started, seconds, looks.append))
            metrics = (await client.get("/metrics")).text
        print(_told(looks, traffic, seconds))
        in_flight = re.search(r"^touchstone_requests_in_flight (\S+)$", metrics, re.MULTILINE)
        print(
            f"Requests in flight at the end, beside the one that asks: {float(in_flight[1]) - 1:g}" if in_flight else ""
        )
    print(f"\n{AIM}")


async def _watch(server: Running, started: float, seconds: float, tell: Callable[[Seen], None]) -> None:
    while (at := time.monotonic() - started) < seconds:
        files, threads = (len(os.listdir(f"/proc/{server.pid}/{name}")) for name in ("fd", "task"))
        tell(Seen(at, server.rss_mb(), files, threads))
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
    done = ", ".join(f"{count:,} {name}" for name, count in traffic.done.most_common())
    wrong = ", ".join(f"{count} {name}" for name, count in traffic.wrong.items()) or "none"
    return (
        f"{table(rows)}\n\nMB, tenth by tenth from the start: {tenths}.\n"
        f"Last third over first third: {last / first:.3f}. Slope: {slope:+.0f} MB an hour.\n"
        f"Done: {done}.\nNot as expected: {wrong}."
    )


def _columns(looks: list[Seen]) -> tuple[list[float], list[float], list[float]]:
    return [seen.rss_mb for seen in looks], [seen.files for seen in looks], [seen.threads for seen in looks]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Whether memory stays flat under mixed traffic.")
    parser.add_argument("--minutes", type=float, default=10.0)
    asyncio.run(main(parser.parse_args().minutes))
