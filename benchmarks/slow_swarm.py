"""Clients that are slow on purpose, in a process of their own.

`python -m benchmarks.slow_swarm PORT COUNT FILE_ID [KIND,...]`. As many of them each: send a header a byte at a time,
send a body so, ask for a large file and do not read it, ask once and leave the connection open. One that is cut off
comes again, so that their number stays. Prints "there" once all are connected, and at its end, which is that of its
input, how often they were cut off.
"""

import asyncio
import random
import socket
import sys
import threading
from collections import Counter

DRIP_S = 5.0
"""Between two bytes of one client."""

CONNECTS_ABREAST = 64
KINDS = ("header", "body", "reader", "idle")
_HEAD = b"POST /v1/verify/reliability HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


class Swarm:
    """`count` slow clients of the server at `port`."""

    def __init__(self, port: int, count: int, file_id: str, kinds: list[str]) -> None:
        self._port = port
        self._kinds = kinds
        self._count = count
        self._large = b"GET /v1/files/%b/content HTTP/1.1\r\nhost: localhost\r\n\r\n" % file_id.encode()
        self._turn = asyncio.Semaphore(CONNECTS_ABREAST)
        self._chance = random.Random(7)  # noqa: S311  of pauses
        self._connected = 0
        self.cut: Counter[str] = Counter()
        self.all_there = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._count):
                group.create_task(self._client(self._kinds[number % len(self._kinds)]))

    async def _client(self, kind: str) -> None:
        first = True
        while True:
            opened = socket.socket()
            try:
                opened.setblocking(False)
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                async with self._turn:
                    await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", self._port))
                    if first:
                        self._connected += 1
                        first = False
                        if self._connected == self._count:
                            self.all_there.set()
                await self._be_slow(kind, opened)
            except OSError:
                pass
            finally:
                opened.close()
            self.cut[kind] += 1
            await asyncio.sleep(self._chance.uniform(0, DRIP_S))

    async def _be_slow(self, kind: str, opened: socket.socket) -> None:
        """Until the server closes the connection."""
        loop = asyncio.get_running_loop()
        if kind == "reader":
            await loop.sock_sendall(opened, self._large)
            while True:  # an end is noticed only by sending: what came is not read
                await asyncio.sleep(DRIP_S)
                await loop.sock_sendall(opened, b"\r\n")
        if kind == "idle":
            await loop.sock_sendall(opened, b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
            while await loop.sock_recv(opened, 65_536):
                pass
            return
        head = _HEAD + b"content-length: 100000\r\n\r\n" if kind == "body" else _HEAD + b"x-slow: "
        await loop.sock_sendall(opened, head)
        heard = asyncio.ensure_future(loop.sock_recv(opened, 65_536))
        await asyncio.sleep(self._chance.uniform(0, DRIP_S))
        while not (await asyncio.wait({heard}, timeout=DRIP_S))[0]:
            await loop.sock_sendall(opened, b" ")
        heard.result()


async def main(port: int, count: int, file_id: str, kinds: list[str]) -> None:
    swarm = Swarm(port, count, file_id, kinds)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait_for_end, daemon=True).start()
    running = asyncio.create_task(swarm.run())
    await swarm.all_there.wait()
    print("there", flush=True)
    await ended.wait()
    running.cancel()
    print(" ".join(f"{kind} {swarm.cut[kind]}" for kind in kinds), flush=True)


if __name__ == "__main__":
    asyncio.run(
        main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], (sys.argv[4:] or [",".join(KINDS)])[0].split(","))
    )
