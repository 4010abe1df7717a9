"""The kinds of traffic of a soak, one function each: what is asked, and what must come of it.

Some are what a server is for, and some are what it must bear: clients that leave, MCP sessions that nobody ends,
batches whose lines fail, keys that are revoked, callers over their limits, texts that were never seen before.
"""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.samples import LATENCY_SAMPLES

BATCH_LINES = 20
BATCH_LOOK_S = 0.5
FILE_BYTES = 300_000
PART_BYTES = 200_000
TIGHT_PLAN = "tight"
DEFAULT_PLAN = "plenty"
PLANS = f"""
[{DEFAULT_PLAN}]
requests_per_minute = 10_000_000
concurrent_requests = 1_000

[{TIGHT_PLAN}]
requests_per_minute = 2
"""
WORD_CHARS = 7
SENTENCES = 12
LETTERS = "bcdfghklmnprstvz", "aeiou"
CHAT: dict[str, Any] = {
    "model": "instant",
    "messages": [{"role": "user", "content": "Where does the Eiffel Tower stand?"}],
}
ENDED = ("completed", "failed", "expired", "cancelled")


@dataclass(slots=True)
class Traffic:
    """To which end it is sent, and what came of it."""

    client: httpx.AsyncClient
    admin_key: str
    tight_key: str = ""
    chance: random.Random = field(default_factory=lambda: random.Random(11))  # noqa: S311  of texts
    done: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    async def expect(self, status: int, answer: Awaitable[httpx.Response]) -> httpx.Response:
        """Waits for the answer, and counts it as wrong if it has another status."""
        came = await answer
        if came.status_code != status:
            self.wrong[f"{came.request.method} {came.request.url.path}: {came.status_code}"] += 1
        return came

    async def uploaded(self, content: bytes, purpose: str) -> str:
        """The id of a new file."""
        files = {"file": ("soak.jsonl", content)}
        answer = await self.expect(200, self.client.post("/v1/files", files=files, data={"purpose": purpose}))
        return str(answer.json()["id"])

    async def new_key(self, plan: str) -> tuple[str, str]:
        """Id and text of a new key."""
        made = await self.expect(
            200, self.client.post("/v1/api-keys", json={"name": "soak", "plan": plan}, headers=bearer(self.admin_key))
        )
        return made.json()["id"], made.json()["key"]

    def sentence(self) -> str:
        """Words that nobody has said before."""
        words = ["".join(self.chance.choice(LETTERS[at % 2]) for at in range(WORD_CHARS)) for _ in range(6)]
        first, name, things, *rest = words
        return f"The {first} of {name.title()} has {self.chance.randrange(10**6)} {things}s and {' '.join(rest)}."


Kind = Callable[[Traffic], Awaitable[None]]


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


async def verify(to: Traffic) -> None:
    sample = LATENCY_SAMPLES[to.done["verify"] % len(LATENCY_SAMPLES)]
    body = {"prompt": sample.prompt, "output": sample.response}
    if sample.document:
        body["context"] = sample.document
    await to.expect(200, to.client.post("/v1/verify/reliability", json=body))


async def verify_new(to: Traffic) -> None:
    """A text that was never seen before, against a document that was not either."""
    sentences = [to.sentence() for _ in range(SENTENCES)]
    body = {"prompt": to.sentence(), "output": sentences[0], "context": " ".join(sentences)}
    await to.expect(200, to.client.post("/v1/verify/reliability", json=body))


async def verify_stream(to: Traffic) -> None:
    body = {"prompt": LATENCY_SAMPLES[2].prompt, "output": LATENCY_SAMPLES[2].response, "stream": True}
    await to.expect(200, to.client.post("/v1/verify/reliability", json=body))


async def mcp(to: Traffic) -> None:
    arguments = {"prompt": LATENCY_SAMPLES[2].prompt, "response": LATENCY_SAMPLES[2].response}
    accept = ("application/json", "application/json, text/event-stream")[to.done["mcp"] % 2]
    call = _rpc("tools/call", {"name": "verify", "arguments": arguments})
    await to.expect(200, to.client.post("/v1/mcp", json=call, headers={"accept": accept}))


async def mcp_left(to: Traffic) -> None:
    """A session that is opened, and left in the middle of its first call."""
    accept = {"accept": "application/json, text/event-stream"}
    client = {"name": "soak", "version": str(to.done["mcp_left"])}
    hello = {"protocolVersion": "2025-06-18", "capabilities": {"sampling": {}}, "clientInfo": client}
    await to.expect(200, to.client.post("/v1/mcp", json=_rpc("initialize", hello), headers=accept))
    sample = LATENCY_SAMPLES[1]
    arguments = {"prompt": sample.prompt, "response": sample.response, "documentContent": sample.document or "x"}
    call = _rpc("tools/call", {"name": "verify_document", "arguments": arguments, "_meta": {"progressToken": 1}})
    with contextlib.suppress(httpx.HTTPError):
        async with to.client.stream("POST", "/v1/mcp", json=call, headers=accept) as answer:
            async for _ in answer.aiter_bytes():
                break


async def chat(to: Traffic) -> None:
    await to.expect(200, to.client.post("/v1/chat/completions", json=CHAT))


async def chat_stream(to: Traffic) -> None:
    await to.expect(200, to.client.post("/v1/chat/completions", json=CHAT | {"stream": True}))


async def chat_left(to: Traffic) -> None:
    """A stream that is given up after its first event."""
    body = CHAT | {"model": "paced", "stream": True}
    with contextlib.suppress(httpx.HTTPError):
        async with to.client.stream("POST", "/v1/chat/completions", json=body) as answer:
            async for _ in answer.aiter_bytes():
                break


async def embeddings(to: Traffic) -> None:
    body = {"model": "touchstone/all-minilm-l6-v2", "input": ["vitamin C", "a cold"]}
    await to.expect(200, to.client.post("/v1/embeddings", json=body))


async def file(to: Traffic) -> None:
    file_id = await to.uploaded(b"x" * FILE_BYTES, "user_data")
    await to.expect(200, to.client.get(f"/v1/files/{file_id}/content"))
    await to.expect(200, to.client.delete(f"/v1/files/{file_id}"))


async def upload(to: Traffic) -> None:
    """In two parts; every second one is cancelled in place of being completed."""
    asked = {"filename": "soak.bin", "purpose": "user_data", "bytes": 2 * PART_BYTES, "mime_type": "text/plain"}
    upload_id = (await to.expect(200, to.client.post("/v1/uploads", json=asked))).json()["id"]
    parts = []
    for _ in range(2):
        data = {"data": ("part", b"x" * PART_BYTES)}
        parts.append((await to.expect(200, to.client.post(f"/v1/uploads/{upload_id}/parts", files=data))).json()["id"])
    if to.done["upload"] % 2:
        await to.expect(200, to.client.post(f"/v1/uploads/{upload_id}/cancel"))
        return
    made = await to.expect(200, to.client.post(f"/v1/uploads/{upload_id}/complete", json={"part_ids": parts}))
    await to.expect(200, to.client.delete(f"/v1/files/{made.json()['file']['id']}"))


async def bad(to: Traffic) -> None:
    await to.expect(400, to.client.post("/v1/verify/reliability", content=b"[" * 5_000))
    await to.expect(404, to.client.get("/v1/files/file-nobody"))
    await to.expect(404, to.client.get(f"/nothing/{time.monotonic_ns()}"))
    await to.expect(403, to.client.get("/v1/models", headers={"origin": f"https://h{time.monotonic_ns()}.example"}))


async def batch(to: Traffic) -> None:
    await _batch(to, [_line(number, CHAT) for number in range(BATCH_LINES)], BATCH_LINES)


async def batch_failing(to: Traffic) -> None:
    """Half of its lines ask a model that nobody has. Who is told of its end does not listen."""
    models = ("instant", f"nobody-{to.done['batch_failing']}")
    lines = [_line(number, CHAT | {"model": models[number % 2]}) for number in range(BATCH_LINES)]
    await _batch(to, lines, BATCH_LINES // 2)


async def key_revoked(to: Traffic) -> None:
    """A key that is made, used, revoked, and used again; and a text that looks like a key and is none."""
    key_id, key = await to.new_key(DEFAULT_PLAN)
    await to.expect(200, to.client.post("/v1/chat/completions", json=CHAT, headers=bearer(key)))
    await to.expect(200, to.client.delete(f"/v1/api-keys/{key_id}", headers=bearer(to.admin_key)))
    await to.expect(401, to.client.post("/v1/chat/completions", json=CHAT, headers=bearer(key)))
    await to.expect(401, to.client.get("/v1/models", headers=bearer(f"{key[:-8]}{to.chance.randrange(10**8):08}")))


async def over_limit(to: Traffic) -> None:
    """One key that asks for more than it may, and one that is new each time."""
    if not to.tight_key:
        to.tight_key = (await to.new_key(TIGHT_PLAN))[1]
    keys = (to.tight_key, (await to.new_key(TIGHT_PLAN))[1])
    for key in keys:
        answers = [await to.client.post("/v1/chat/completions", json=CHAT, headers=bearer(key)) for _ in range(3)]
        if answers[-1].status_code != 429:
            to.wrong[f"a call over the limit: {answers[-1].status_code}"] += 1


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        verify,
        verify_stream,
        verify_new,
        mcp,
        mcp_left,
        chat,
        chat_stream,
        chat_left,
        embeddings,
        file,
        upload,
        bad,
        batch,
        batch_failing,
        key_revoked,
        over_limit,
    )
}


def _rpc(method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def _line(number: int, body: dict[str, Any]) -> bytes:
    line = {"custom_id": f"row-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(line).encode()


async def _batch(to: Traffic, lines: list[bytes], completed: int) -> None:
    file_id = await to.uploaded(b"\n".join(lines), "batch")
    body = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    made = (await to.expect(200, to.client.post("/v1/batches", json=body))).json()
    while made["status"] not in ENDED:
        await asyncio.sleep(BATCH_LOOK_S)
        made = (await to.expect(200, to.client.get(f"/v1/batches/{made['id']}"))).json()
    if made["request_counts"]["completed"] != completed:
        to.wrong[f"a batch that is {made['status']} with {made['request_counts']}"] += 1
    for used in (made["output_file_id"], made["error_file_id"], file_id):
        if used:
            await to.expect(200, to.client.delete(f"/v1/files/{used}"))
