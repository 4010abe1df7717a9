"""Tells the targets what has happened, as long as it runs.

A target is told by a POST. It has said that it knows by any status from 200 to 299, which is all that is looked at of
its answer; 410 says that it does not want to know. Whatever else happens is tried again later (`schedule.py`). No
redirect is followed, no proxy of the environment is asked, and every wait is bounded.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from inference.errors import StorageError
from inference.webhooks.outbox import SENDING_S, Outbox, Sending
from inference.webhooks.schedule import pause_s
from inference.webhooks.signature import signed
from inference.webhooks.target import Target

TRY_TIMEOUT_S = 15.0
"""For connecting, sending, and the head of the answer. The specification names 15 to 30."""

POLL_S = 1.0
"""Between two looks at whether there is something to tell."""

EVENTS_ABREAST_MAX = 16

TROUBLE_PAUSE_S = 2.0
"""Before another look, after the store could not be used."""

assert TRY_TIMEOUT_S < SENDING_S / 2  # noqa: S101  else an event could be taken while it is being sent

GONE = 410

Report = Callable[[str, dict[str, Any]], None]
"""Where it tells what it does: an action, and what belongs to it. Never an address or a secret."""


class Sender:
    """Sends what is in `outbox` to all `targets`. `run` goes on until it is cancelled."""

    def __init__(
        self,
        outbox: Outbox,
        targets: Sequence[Target],
        secret: bytes,
        report: Report,
        *,
        pause: Callable[[int, random.Random], float | None] = pause_s,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._outbox = outbox
        self._targets = targets
        self._secret = secret
        self._report = report
        self._pause = pause
        self._clock = clock
        self._chance = random.Random()  # noqa: S311  of waiting times

    async def run(self) -> None:
        """What is under way when it is cancelled is sent again later, under the same id."""
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TRY_TIMEOUT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(force_close=True),
        ) as session:
            while True:
                try:
                    taken = await self._outbox.take(EVENTS_ABREAST_MAX)
                    async with asyncio.TaskGroup() as group:
                        for sending in taken:
                            group.create_task(self._send(session, sending))
                    pause = 0.0 if taken else POLL_S
                except* StorageError as errors:
                    self._report("webhooks_wait", {"reason": str(errors.exceptions[0])})
                    pause = TROUBLE_PAUSE_S
                await asyncio.sleep(pause)

    async def _send(self, session: aiohttp.ClientSession, sending: Sending) -> None:
        left = [target for target in self._targets if target.digest not in sending.told]
        heard = await asyncio.gather(*(self._tell(session, sending, target) for target in left))
        failed = [target for target, done in zip(left, heard, strict=True) if not done]
        if not failed:
            await self._outbox.done(sending)
            return
        pause = self._pause(sending.tries, self._chance)
        for target in failed:
            said = self._names(sending, target) | {"tries": sending.tries}
            if pause is None:
                self._report("webhook_given_up", said)
            else:
                self._report("webhook_waits", said | {"again_in_s": round(pause)})
        if pause is None:
            await self._outbox.done(sending)
        else:
            told = {target.digest for target in self._targets if target not in failed}
            await self._outbox.again(sending, told | sending.told, pause)

    async def _tell(self, session: aiohttp.ClientSession, sending: Sending, target: Target) -> bool:
        """Whether the target need not be told again."""
        event, body = sending.event, sending.event.body()
        headers = {
            "content-type": "application/json",
            "user-agent": "Touchstone",
            **signed(self._secret, event.id, body, int(self._clock())),
        }
        names = self._names(sending, target)
        try:
            async with session.post(target.url, data=body, headers=headers, allow_redirects=False) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:  # ValueError: an answer that is none
            self._report("webhook_failed", names | {"reason": type(error).__name__})
            return False
        if 200 <= status < 300:
            self._report("webhook_told", names)
            return True
        self._report("webhook_refused", names | {"status": status})
        return status == GONE

    def _names(self, sending: Sending, target: Target) -> dict[str, Any]:
        event = sending.event
        return {"event": event.id, "type": event.type, "about": event.about, "host": target.host}
