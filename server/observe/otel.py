"""Traces by OpenTelemetry, sent over OTLP/HTTP from a thread of their own.

A span that is begun or ended costs microseconds and never waits. Spans wait for the collector in a bounded queue; where
that is full, or the collector is away, they are dropped, which is said once. The names are those of the semantic
conventions for HTTP and for generative AI, and `touchstone.*` for what these do not know.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import requests
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from inference.errors import TouchstoneError
from inference.spans import ENGINE, JUDGE, RETRIEVAL, SHARD, VERIFICATION, Fact, Watched
from server.errors import row_of
from server.observe.logs import log_action
from server.version import VERSION

QUEUE_MAX = 4096
"""Spans that wait to be sent. Some kilobytes each."""

SEND_EVERY_MS = 2000
SEND_AT_ONCE_MAX = 512
"""Spans in one request to the collector."""

SEND_TIMEOUT_S = 5.0
"""For one request to the collector, its repetitions included."""

SPAN_NAMES = {
    VERIFICATION: "verification",
    RETRIEVAL: "retrieval",
    JUDGE: "judge",
    ENGINE: "POST",  # HTTP's convention: a path is no template where another server names it
    SHARD: "batch shard",
}

_KINDS = {ENGINE: SpanKind.CLIENT}

ATTRIBUTES = {
    # of requests
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "scheme": "url.scheme",
    "path": "url.path",
    "request_id": "touchstone.request_id",
    "key": "touchstone.key_id",
    # of the hop to an engine
    "engine": "touchstone.engine",
    "url": "url.full",
    "host": "server.address",
    "port": "server.port",
    "operation": "gen_ai.operation.name",
    # of a verification
    "judge": "touchstone.judge",
    "claims": "touchstone.claims",
    "verdict": "touchstone.verdict",
    "source": "gen_ai.data_source.id",
    "passages": "touchstone.passages",
    # of batches
    "batch": "touchstone.batch_id",
    "shard": "touchstone.shard",
    "lines": "touchstone.lines",
}
"""How facts are called in a trace. A fact that is not here is no part of it."""

_W3C = TraceContextTextMapPropagator()


class OtelTracer:
    """The tracer of one process. Starts its thread at once."""

    def __init__(self, url: str, ratio: float) -> None:
        """`ratio` of the traces that begin here are kept; of one that a caller began, its caller has decided."""
        # What fails is told by us, once; these tell of every try.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        resource = Resource({"service.name": "touchstone", "service.version": VERSION})
        sampler = ParentBased(TraceIdRatioBased(ratio))
        self._provider = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                _ToldOnce(url),
                max_queue_size=QUEUE_MAX,
                schedule_delay_millis=SEND_EVERY_MS,
                max_export_batch_size=SEND_AT_ONCE_MAX,
            )
        )
        self._tracer = self._provider.get_tracer("touchstone", VERSION)

    def request(self, name: str, headers: Mapping[str, str], facts: Mapping[str, Fact]) -> Watched:
        caller = _W3C.extract(headers, Context())
        return _begun(self._tracer, name, SpanKind.SERVER, caller, facts)

    def work(self, name: str, facts: Mapping[str, Fact]) -> Watched:
        return _begun(self._tracer, SPAN_NAMES[name], SpanKind.INTERNAL, Context(), facts)

    def close(self) -> None:
        self._provider.shutdown()


class _OtelSpan:
    __slots__ = ("_context", "_span", "_tracer")

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._context = set_span_in_context(span, Context())

    def begin(self, name: str, facts: Mapping[str, Fact]) -> Watched:
        return _begun(self._tracer, SPAN_NAMES[name], _KINDS.get(name, SpanKind.INTERNAL), self._context, facts)

    def note(self, facts: Mapping[str, Fact]) -> None:
        self._span.set_attributes(_attributes(facts))
        status = facts.get("status")
        if isinstance(status, int) and status >= 500:
            self._fail(str(status))

    def mark(self, moment: str) -> None:
        self._span.add_event(moment)

    def end(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, GeneratorExit | asyncio.CancelledError):
            self._fail(row_of(error).code if isinstance(error, TouchstoneError) else type(error).__name__)
        self._span.end()

    def headers(self) -> Mapping[str, str]:
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, self._context)
        return carrier

    def _fail(self, kind: str) -> None:
        """Never with the words of the error, which may quote what was asked."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))


class _ToldOnce(SpanExporter):
    """The exporter to `url`; that it fails is told once, and so is that it works again."""

    def __init__(self, url: str) -> None:
        session = requests.Session()
        session.trust_env = False  # no proxy of the environment between us and a collector beside us
        self._exporter = OTLPSpanExporter(endpoint=url, timeout=SEND_TIMEOUT_S, session=session)
        self._lost = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        lost = result is not SpanExportResult.SUCCESS
        if lost and not self._lost:
            note = "the collector does not take them; requests go on as ever (setting traces_url)"
            log_action("traces_lost", logging.WARNING, spans=len(spans), note=note)
        elif self._lost and not lost:
            log_action("traces_back")
        self._lost = lost
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the library leaves it untyped


def _begun(tracer: Tracer, name: str, kind: SpanKind, above: Context, facts: Mapping[str, Fact]) -> Watched:
    return _OtelSpan(tracer, tracer.start_span(name, above, kind, _attributes(facts)))


def _attributes(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    return {ATTRIBUTES[name]: fact for name, fact in facts.items() if name in ATTRIBUTES}
