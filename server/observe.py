"""What the server tells of itself: a request id, a log line and Prometheus figures for each request."""

import logging
import re
import time

from prometheus_client import Counter, Histogram
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.live_work import LiveWork
from server.access import header
from server.errors import INTERNAL, INTERNAL_MESSAGE, error_response
from server.logs import LOGGER, log_action
from server.metrics import Metrics
from server.request_ids import RequestIds

NOT_STARTED = 499  # what is logged if the client leaves before an answer starts (nginx's code for it)


class Observed:
    """ASGI middleware, outermost: request id, metrics, one log line, and an answer when all else failed."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: frozenset[str], live: LiveWork) -> None:
        self._app = app
        self._live = live
        self._metrics = metrics
        self._routes = routes
        self._patterns = [(compile_path(route)[0], _label(route)) for route in sorted(routes) if "{" in route]
        self._figures: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._ids = RequestIds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._ids.of(header(scope, b"x-request-id"))
        status = NOT_STARTED
        started = time.perf_counter()

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        self._metrics.in_flight.inc()
        self._live.begin()
        try:
            await self._app(scope, receive, send_observed)
        except Exception:  # the last place: here the fault meets the id under which it is looked up
            LOGGER.exception("fault id=%s", request_id)
            if status != NOT_STARTED:
                status = 500
                raise  # half an answer is out; the connection has to break
            await error_response(INTERNAL_MESSAGE, INTERNAL)(scope, receive, send_observed)
        finally:
            self._metrics.in_flight.dec()
            self._live.end()
            self._record(scope, request_id, status, time.perf_counter() - started)

    def _record(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = self._route(scope["path"])
        count, histogram = self._figures.get((route, status)) or self._figures_of(route, status)
        count.inc()
        histogram.observe(seconds)
        level = logging.DEBUG if route in ("/health", "/ready", "/metrics") else logging.INFO
        log_action(
            "request",
            level,
            id=request_id,
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )

    def _figures_of(self, route: str, status: int) -> tuple[Counter, Histogram]:
        """Kept, since looking them up in the registry takes longer than counting. Routes and statuses are few."""
        found = (self._metrics.requests.labels(route, status), self._metrics.seconds.labels(route))
        self._figures[route, status] = found
        return found

    def _route(self, path: str) -> str:
        """The route's pattern, never the raw path: labels must be few, and a path may carry what a caller typed."""
        if path in self._routes:
            return path
        return next((label for pattern, label in self._patterns if pattern.match(path)), "unknown")


def _label(route: str) -> str:
    """A route's pattern without the kinds of what its path holds: /v1/models/{model} for /v1/models/{model:path}."""
    return re.sub(r":\w+}", "}", route)
