"""Somebody who is told by webhooks: a real server in the loop of the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

WAIT_S = 60.0


class Receiver:
    """Keeps what it gets. `status` says what it answers."""

    def __init__(self, status: Callable[[int], int] = lambda count: 200) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = ""
        self._status = status
        self._changed = asyncio.Event()

    async def until(self, count: int) -> None:
        """Waits until so many requests have come."""
        async with asyncio.timeout(WAIT_S):
            while len(self.received) < count:
                self._changed.clear()
                await self._changed.wait()

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append((headers, await request.read()))
        self._changed.set()
        status = self._status(len(self.received))
        return web.Response(status=status, headers={"location": "/elsewhere"} if 300 <= status < 400 else {})


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[Receiver]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
