"""The figures of a server, as Prometheus reads them at /metrics."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector

from server.observe.span_figures import SpanFigures
from server.observe.tallies import Tallies
from server.version import VERSION
from tools.verification import Verification


class Metrics:
    """The figures of one server, in a registry of their own so that two servers in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Tallies(
            ("touchstone_requests_total", "Requests by route and status."),
            ("touchstone_request_seconds", "Time to the end of the response."),
            what="route",
            how="status",
            registry=self.registry,
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
        self.limited = Counter(
            "touchstone_limited_total",
            "Requests that a key's plan had no room for, MCP calls included, by plan.",
            ["plan"],
            registry=self.registry,
        )
        self.batch_shards_running = Gauge(
            "touchstone_batch_shards_running", "Shards of batches that this process has leased.", registry=self.registry
        )
        self.batch_steps_running = Gauge(
            "touchstone_batch_steps_running",
            "Batches whose input this process validates, or whose files of results it makes.",
            registry=self.registry,
        )
        self.batch_events = Counter(
            "touchstone_batch_events_total",
            "What the worker of batches had to tell, by action (docs/observability.md): leases lost, work that failed.",
            ["action"],
            registry=self.registry,
        )
        self.running = Gauge("touchstone_running", "Work that is under way, by kind.", ["kind"], registry=self.registry)
        self.waiting = Gauge(
            "touchstone_waiting", "Work that waits for its turn, by kind.", ["kind"], registry=self.registry
        )
        build = Gauge("touchstone_build_info", "1; the version is its label.", ["version"], registry=self.registry)
        build.labels(VERSION).set(1)
        self.spans = SpanFigures(self.registry)
        ProcessCollector(registry=self.registry)

    def watch_line(self, kind: str, running: Callable[[], int], waiting: Callable[[], int]) -> None:
        """Has what `kind` of work is under way, and what waits, asked for whenever somebody looks."""
        self.running.labels(kind).set_function(running)
        self.waiting.labels(kind).set_function(waiting)

    def count(self, verification: Verification) -> None:
        """Counts one verification and its claims."""
        self.verdicts.labels(verification.verdict, verification.judge).inc()
        for item in verification.claims:
            self.claims.labels(item.judgement.label).inc()
