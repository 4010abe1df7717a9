"""The answer to a caller whose plan has limits: it says how he stands with them.

A request that asks a model is counted where that is known, by its endpoint. What has begun to answer without, such as a
refusal of bad JSON, is counted here as one that asks no model; if there is no room for it, that is the answer instead.
"""

from starlette.types import Message, Receive, Scope, Send

from inference.errors import TouchstoneError
from server.accounts.visit import Visit
from server.errors import response_of

_PREFIX = b"x-ratelimit-"


class LimitedAnswer:
    """Of one request. `is_open`: whether what is over the limit gets through all the same."""

    __slots__ = ("_is_open", "_receive", "_replaced", "_scope", "_send", "_visit")

    def __init__(self, visit: Visit, is_open: bool, scope: Scope, receive: Receive, send: Send) -> None:
        self._visit = visit
        self._is_open = is_open
        self._scope = scope
        self._receive = receive
        self._send = send
        self._replaced = False

    async def refuse(self, error: TouchstoneError) -> None:
        """Answers with `error`."""
        await response_of(error)(self._scope, self._receive, self.send)

    async def count(self) -> TouchstoneError | None:
        """Counts the request, if nobody has, as one for no model. Returns why there is no room for it."""
        if self._visit.has_entered:
            return None
        try:
            await self._visit.enter(None)
        except TouchstoneError as error:
            return error
        return None

    async def send(self, message: Message) -> None:
        """Sends what the endpoint answers, with the limits in its head.

        The place is given back before the last piece goes out, so that whoever then asks again at once finds it free.
        """
        if self._replaced:
            return
        if message.get("more_body"):
            await self._send(message)
            return
        if message["type"] == "http.response.start":
            if (refusal := await self.count()) is not None and not self._is_open:
                await response_of(refusal)(self._scope, self._receive, self._send_limited)
                self._replaced = True
                return
        else:
            self._visit.leave()
        await self._send_limited(message)

    async def _send_limited(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            # An engine's own would tell of a key that all callers share, also where the plan has no limit to tell of.
            others = [header for header in message.get("headers", ()) if not header[0].startswith(_PREFIX)]
            message["headers"] = others + self._visit.headers()
        await self._send(message)
