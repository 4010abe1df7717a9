"""Watches requests and shards: what takes its time in them goes into the figures, and into a trace if one is kept."""

import time
from collections.abc import Mapping
from typing import cast

from inference.spans import SHARD, Fact, Watched
from server.observe.metrics import Metrics
from server.observe.tracing import Tracing

_NO_HEADERS: Mapping[str, str] = {}


class Watching:
    """Begins what is watched, for one server or worker."""

    def __init__(self, metrics: Metrics, tracing: Tracing) -> None:
        self.tracing = tracing
        self._metrics = metrics
        self._untraced = _Work(metrics, None)

    @property
    def is_tracing(self) -> bool:
        """Whether traces are kept."""
        return self.tracing.tracer is not None

    def request(self, name: str, headers: Mapping[str, str], facts: Mapping[str, Fact]) -> Watched:
        """A request that came in, in the trace that `headers` tell of if they do."""
        tracer = self.tracing.tracer
        return self._untraced if tracer is None else _Work(self._metrics, tracer.request(name, headers, facts))

    def untraced(self) -> Watched:
        """Work that is no part of any trace."""
        return self._untraced

    def shard(self, facts: Mapping[str, Fact]) -> Watched:
        """A shard of a batch that is worked off."""
        tracer = self.tracing.tracer
        return self._untraced if tracer is None else _Shard(self._metrics, tracer.work(SHARD, facts))


class _Work:
    """The whole of a request or shard; the figures of these are counted elsewhere."""

    __slots__ = ("_metrics", "_trace")

    def __init__(self, metrics: Metrics, trace: Watched | None) -> None:
        self._metrics = metrics
        self._trace = trace

    def begin(self, name: str, facts: Mapping[str, Fact]) -> Watched:
        return _Span(self._metrics, self._trace and self._trace.begin(name, facts), name, facts)

    def note(self, facts: Mapping[str, Fact]) -> None:
        if self._trace is not None:
            self._trace.note(facts)

    def mark(self, moment: str) -> None:
        if self._trace is not None:
            self._trace.mark(moment)

    def end(self, error: BaseException | None) -> None:
        if self._trace is not None:
            self._trace.end(error)

    def headers(self) -> Mapping[str, str]:
        return _NO_HEADERS if self._trace is None else self._trace.headers()


class _Shard(_Work):
    """One span: those of its lines would be thousands in a trace."""

    __slots__ = ()

    def begin(self, name: str, facts: Mapping[str, Fact]) -> Watched:
        return _Span(self._metrics, None, name, facts)


class _Span(_Work):
    """A part of it, of which figures are kept."""

    __slots__ = ("_facts", "_name", "_started")

    def __init__(self, metrics: Metrics, trace: Watched | None, name: str, facts: Mapping[str, Fact]) -> None:
        self._metrics = metrics
        self._trace = trace
        self._name = name
        self._facts = cast(dict[str, Fact], facts)
        self._started = time.perf_counter()

    def note(self, facts: Mapping[str, Fact]) -> None:
        self._facts.update(facts)
        if self._trace is not None:
            self._trace.note(facts)

    def mark(self, moment: str) -> None:
        self._metrics.spans.reached(moment, self._facts, time.perf_counter() - self._started)
        if self._trace is not None:
            self._trace.mark(moment)

    def end(self, error: BaseException | None) -> None:
        self._metrics.spans.spent(self._name, self._facts, time.perf_counter() - self._started, error)
        if self._trace is not None:
            self._trace.end(error)
