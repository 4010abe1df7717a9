"""What a client hears while it waits: one message for each news of a verification.

The specification wants progress to grow with every message, and most clients draw a bar of it. So the bar is that of
the claims, and a step between two claims moves it a little of the way to the next.
"""

import math

from mcp.server.session import ServerSession

from inference.text.shorten import shorten
from tools.verification import ClaimJudged, ClaimsFound, News, Step

CLAIM_CHARS_MAX = 80  # of a claim in a progress message
STEP_CHARS_MAX = 200  # of a step in a progress message
STEP_SHARE = 10  # a step moves the progress by this part of the way to the next claim


class Progress:
    """The progress of one call. Silent where the client did not ask for it."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._done = 0.0
        self._total = 0

    async def hear(self, news: News) -> None:
        """Tells the client of `news`; the verification itself is for the result."""
        if isinstance(news, ClaimsFound):
            self._total = news.total
            await self._session.report_progress(0, self._total, f"{self._total} claims to judge")
        elif isinstance(news, Step):
            await self.step(news.text)
        elif isinstance(news, ClaimJudged):
            self._done = news.index + 1
            await self._session.report_progress(self._done, self._total, _text_of(news))

    async def step(self, text: str) -> None:
        """Tells the client that something goes on between two claims."""
        self._done += (math.floor(self._done) + 1 - self._done) / STEP_SHARE
        await self._session.report_progress(self._done, self._total, shorten(text, STEP_CHARS_MAX))


def _text_of(item: ClaimJudged) -> str:
    return f"{item.claim.judgement.label.value}: {shorten(item.claim.claim.text, CLAIM_CHARS_MAX)}"
