"""The endpoints that are called most, reached by their path alone.

Starlette finds a route by trying one after the other, and puts two layers of error handling around it, each of which
every event of a stream passes. This is the same in one step: a POST to a known path, with the same handlers of errors.
Whatever else comes goes on to Starlette.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
Handler = Callable[[Request, Exception], Awaitable[Response]]

STARTED = "touchstone.started"
"""In the scope of a request whose answer has begun. Whoever stands before this puts it there, and sees what is sent in
any case: one more function for each event of a stream is not needed for it."""


class Direct:
    """ASGI middleware, innermost."""

    def __init__(
        self, app: ASGIApp, endpoints: Mapping[str, Endpoint], handlers: Mapping[type[Exception], Handler]
    ) -> None:
        self._app = app
        self._endpoints = endpoints
        self._handlers = handlers
        self._handled = tuple(handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["path"]) if scope["type"] == "http" else None
        if endpoint is None or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await endpoint(request)
            await response(scope, receive, send)
        except self._handled as error:
            if STARTED in scope:
                raise  # half an answer is out
            response = await self._handler(error)(request, error)
            await response(scope, receive, send)

    def _handler(self, error: Exception) -> Handler:
        return next(self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers)
