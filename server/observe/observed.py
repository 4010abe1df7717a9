"""What the server tells of itself: a request id, a log line and Prometheus figures for each request."""

import asyncio
import logging
import re
import time

from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.live_work import LiveWork
from inference.spans import Fact, Watched, watch
from server.access import header
from server.accounts.caller import LOCAL
from server.accounts.visit import VISIT, Visit, limits_of
from server.errors import INTERNAL, INTERNAL_MESSAGE, STOPPING, STOPPING_MESSAGE, error_response
from server.http.direct import STARTED
from server.observe.log_context import LOG_CONTEXT, REQUEST
from server.observe.logs import log_action, log_fault
from server.observe.metrics import Metrics
from server.observe.request_ids import RequestIds
from server.observe.tallies import Tally
from server.observe.watching import Watching

QUIET = frozenset({"/health", "/ready", "/metrics"})
"""Routes that are asked every few seconds by programs: logged at debug, and not traced."""

TRACE_HEADERS = ("traceparent", "tracestate")

NOT_STARTED = 499  # what is logged if the client leaves before an answer starts (nginx's code for it)


class Observed:
    """ASGI middleware, outermost: request id, metrics, one log line, and an answer when all else failed."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, routes: frozenset[str], live: LiveWork, watching: Watching
    ) -> None:
        self._app = app
        self._live = live
        self._watching = watching
        self._metrics = metrics
        self._routes = routes
        self._patterns = [(compile_path(route)[0], _label(route)) for route in sorted(routes) if "{" in route]
        self._figures: dict[tuple[str, int], Tally] = {}
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
                scope[STARTED] = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        LOG_CONTEXT.set((REQUEST, request_id))  # for good: a server gives each request a task of its own
        traced = self._watching.is_tracing
        work = self._work(scope, request_id) if traced else self._watching.untraced()
        watch(work)
        self._metrics.in_flight.inc()
        self._live.begin()
        try:
            await self._app(scope, receive, send_observed)
        except asyncio.CancelledError:
            # Nobody cancels a request but a server that stops and has waited for it for long enough. If half an answer
            # is out, the connection breaks.
            if status == NOT_STARTED:
                await error_response(STOPPING_MESSAGE, STOPPING)(scope, receive, send_observed)
        except Exception as error:  # the last place: here the fault meets the id under which it is looked up
            log_fault(error)
            if status != NOT_STARTED:
                status = 500
                raise  # half an answer is out; the connection has to break
            response = error_response(INTERNAL_MESSAGE, INTERNAL)
            response.raw_headers += limits_of(scope)
            await response(scope, receive, send_observed)
        finally:
            self._metrics.in_flight.dec()
            self._live.end()
            self._record(scope, status, time.perf_counter() - started)
            if traced:
                work.note({"status": status, "key": _key(scope)})
                work.end(None)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = self._route(scope["path"])
        (self._figures.get((route, status)) or self._figures_of(route, status)).note(seconds)
        self._count_limited(scope.get(VISIT))
        level = logging.DEBUG if route in QUIET else logging.INFO
        about = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        if key := _key(scope):
            about["key"] = key
        log_action("request", level, **about)

    def _count_limited(self, visit: Visit | None) -> None:
        """Counts a request that its key's plan had no room for. A response does not show it: MCP's has status 200."""
        if visit is not None and visit.caller.plan is not None and visit.refusal is not None:
            self._metrics.limited.labels(visit.caller.plan).inc()

    def _work(self, scope: Scope, request_id: str) -> Watched:
        """The request, to be traced."""
        route = self._route(scope["path"])
        if route in QUIET:
            return self._watching.untraced()
        method = scope["method"]
        facts: dict[str, Fact] = {"method": method, "route": route, "request_id": request_id, "scheme": scope["scheme"]}
        if route == scope["path"]:
            facts["path"] = route
        headers = {name: header(scope, name.encode()) for name in TRACE_HEADERS}
        return self._watching.request(f"{method} {route}", headers, facts)

    def _figures_of(self, route: str, status: int) -> Tally:
        """Kept by the number of the status, of which Prometheus wants the text. Routes and statuses are few."""
        found = self._figures[route, status] = self._metrics.requests.of(route, str(status))
        return found

    def _route(self, path: str) -> str:
        """The route's pattern, never the raw path: labels must be few, and a path may carry what a caller typed."""
        if path in self._routes:
            return path
        return next((label for pattern, label in self._patterns if pattern.match(path)), "unknown")


def _key(scope: Scope) -> str:
    """The id of the caller's key; empty if it has none."""
    visit: Visit | None = scope.get(VISIT)
    return "" if visit is None or visit.caller is LOCAL else visit.caller.key_id


def _label(route: str) -> str:
    """A route's pattern without the kinds of what its path holds: /v1/models/{model} for /v1/models/{model:path}."""
    return re.sub(r":\w+}", "}", route)
