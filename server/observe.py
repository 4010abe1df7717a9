"""What the server tells of itself: a request id, a log line and Prometheus figures for each request."""

import itertools
import logging
import re
import secrets
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.live_work import LiveWork
from server.access import header
from server.accounts.visit import limits_of
from server.errors import INTERNAL, INTERNAL_MESSAGE, error_response
from server.logs import LOGGER, log_action
from tools.verification import Verification

NOT_STARTED = 499  # what is logged if the client leaves before an answer starts (nginx's code for it)
REQUEST_ID_CHARS_MAX = 128  # of a caller's own x-request-id; longer ones are replaced


class Metrics:
    """The figures of one server, in a registry of their own so that two servers in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "touchstone_requests_total", "Requests by route and status.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "touchstone_request_seconds", "Time to the end of the response.", ["route"], registry=self.registry
        )
        self.in_flight = Gauge("touchstone_requests_in_flight", "Requests being served.", registry=self.registry)
        self.verdicts = Counter(
            "touchstone_verdicts_total",
            "Verifications by verdict and judge.",
            ["verdict", "judge"],
            registry=self.registry,
        )
        self.claims = Counter("touchstone_claims_total", "Claims by label.", ["label"], registry=self.registry)
        self.failures = Counter(
            "touchstone_failures_total", "Verifications that failed, by error code.", ["code"], registry=self.registry
        )
        self.judge_answers = Counter(
            "touchstone_judge_answers_total",
            "Answers of a language model that judges: read, retried (not to be read, asked for again), unreadable.",
            ["judge", "outcome"],
            registry=self.registry,
        )
        self.query_fallbacks = Counter(
            "touchstone_query_fallbacks_total",
            "Runs of claims that were searched for in their own words, as the model wrote no usable queries.",
            registry=self.registry,
        )

        self.batch_lines = Counter(
            "touchstone_batch_lines_total",
            "Lines of batches that were asked: answered, refused (the line's own fault), or failed, and asked again if "
            "that makes sense.",
            ["endpoint", "outcome"],
            registry=self.registry,
        )
        self.batch_lines_running = Gauge(
            "touchstone_batch_lines_running", "Lines of batches being asked.", registry=self.registry
        )

    def count(self, verification: Verification) -> None:
        """Counts one verification and its claims."""
        self.verdicts.labels(verification.verdict, verification.judge).inc()
        for item in verification.claims:
            self.claims.labels(item.judgement.label).inc()


class Observed:
    """ASGI middleware, outermost: request id, metrics, one log line, and an answer when all else failed."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: frozenset[str], live: LiveWork) -> None:
        self._app = app
        self._live = live
        self._metrics = metrics
        self._routes = routes
        self._patterns = [(compile_path(route)[0], _label(route)) for route in sorted(routes) if "{" in route]
        self._figures: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._prefix = secrets.token_hex(8)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(header(scope, b"x-request-id"))
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
            response = error_response(INTERNAL_MESSAGE, INTERNAL)
            response.raw_headers += limits_of(scope)
            await response(scope, receive, send_observed)
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

    def _request_id(self, given: str) -> str:
        """The caller's own if it can be shown, else a number after a prefix that no other process has."""
        if (
            given
            and len(given) <= REQUEST_ID_CHARS_MAX
            and given.isascii()
            and given.isprintable()
            and " " not in given
        ):
            return given
        return f"req_{self._prefix}{next(self._numbers):010x}"

    def _route(self, path: str) -> str:
        """The route's pattern, never the raw path: labels must be few, and a path may carry what a caller typed."""
        if path in self._routes:
            return path
        return next((label for pattern, label in self._patterns if pattern.match(path)), "unknown")


def _label(route: str) -> str:
    """A route's pattern without the kinds of what its path holds: /v1/models/{model} for /v1/models/{model:path}."""
    return re.sub(r":\w+}", "}", route)
