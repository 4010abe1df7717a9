"""What a client hears while it waits: one message for each news of a verification.

The specification wants progress to grow with every message, and most clients draw a bar of it. So the bar is that of
the claims, and a step between two claims moves it a little of the way to the next. A client that hears nothing for a
while takes the server for dead, so long waits are told of too.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.session import ServerSession

from inference.text.shorten import shorten
from tools.verification import ClaimJudged, ClaimsFound, News, Step

CLAIM_CHARS_MAX = 80  # of a claim in a progress message
STEP_CHARS_MAX = 200  # of a step in a progress message
STEP_SHARE = 10  # a step moves the progress by this part of the way to the next claim


BEAT_S = 5.0
"""Seconds after which a client hears again that the work goes on. Several give up after 60 s of silence."""


class Progress:
    """The progress of one call. `doing` says what is done while there is no news. Silent unless asked for."""

    def __init__(self, session: ServerSession, doing: str) -> None:
        self.doing = doing
        self._session = session
        self._done = 0.0
        self._total: int | None = None
        self._told = 0

    async def hear(self, news: News) -> None:
        """Tells the client of `news`; the verification itself is for the result."""
        if isinstance(news, ClaimsFound):
            self._total = news.total
            if self._done:  # something was told before, and progress has to grow
                self._advance()
            await self._tell(f"{self._total} claims to judge")
        elif isinstance(news, Step):
            await self.step(news.text)
        elif isinstance(news, ClaimJudged):
            self._done = news.index + 1
            await self._tell(_text_of(news))

    async def step(self, text: str) -> None:
        """Tells the client that something goes on between two claims."""
        self._advance()
        await self._tell(shorten(text, STEP_CHARS_MAX))

    async def reach(self, done: int, total: int, text: str) -> None:
        """Tells the client that `done` of `total` are done, if that is more than it knows."""
        self._total = total
        if done > self._done:
            self._done = done
            await self._tell(text)

    async def beat(self) -> None:
        """Says what is done now whenever nothing was told for BEAT_S. Never ends by itself."""
        told = self._told
        while True:
            await asyncio.sleep(BEAT_S)
            if told == self._told:
                await self.step(self.doing)
            told = self._told

    def _advance(self) -> None:
        self._done += (math.floor(self._done) + 1 - self._done) / STEP_SHARE

    async def _tell(self, text: str) -> None:
        self._told += 1
        await self._session.report_progress(self._done, self._total, text)


@asynccontextmanager
async def progress_of(ctx: Any, doing: str) -> AsyncIterator[Progress]:
    """The progress of the call `ctx`, which goes on beating inside the context if the client listens."""
    progress = Progress(ctx.session, doing)
    if not ctx.meta or ctx.meta.get("progress_token") is None:
        yield progress
        return
    beating = asyncio.create_task(progress.beat())
    try:
        yield progress
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


def _text_of(item: ClaimJudged) -> str:
    return f"{item.claim.judgement.label.value}: {shorten(item.claim.claim.text, CLAIM_CHARS_MAX)}"
