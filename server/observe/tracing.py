"""Traces, where the settings ask for them: the seam behind which OpenTelemetry is, which is an extra and not imported
where it is not wanted."""

import asyncio
import contextlib
import importlib.util
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from inference.errors import SettingsError
from inference.spans import Fact, Watched
from server.settings import Settings

FLUSH_S = 5.0
"""For the last spans to be sent at a stop. What is not is lost."""

MISSING = (
    "setting traces_url: OpenTelemetry is not installed here; install it with `pip install 'touchstone[traces]'`, or "
    "leave traces_url out"
)


PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


class Tracer(Protocol):
    """Begins traces, or goes on with those of callers."""

    def request(self, name: str, headers: Mapping[str, str], facts: Mapping[str, Fact]) -> Watched:
        """The span of a request that came in with `headers`, of which the W3C trace context is honoured."""
        ...

    def work(self, name: str, facts: Mapping[str, Fact]) -> Watched:
        """The span of work that nobody's request is waiting for."""
        ...

    def close(self) -> None:
        """Sends what is left. Blocks; may take longer than anybody should wait."""
        ...


def check_traces(settings: Settings) -> None:
    """Raises SettingsError if traces are wanted and cannot be had."""
    if settings.traces_url and not all(map(_is_installed, PACKAGES)):
        raise SettingsError(MISSING)


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # what it is in is missing too
        return False


class Tracing:
    """The tracer of a process: none until it is opened, and none if the settings ask for none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.tracer: Tracer | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Traces as long as the context lasts. Raises SettingsError."""
        if not self._settings.traces_url:
            yield
            return
        check_traces(self._settings)
        from server.observe.otel import OtelTracer  # noqa: PLC0415  an extra, and 100 ms that most starts do without

        tracer = self.tracer = OtelTracer(self._settings.traces_url, self._settings.traces_ratio)
        try:
            yield
        finally:
            self.tracer = None
            await asyncio.to_thread(_within, FLUSH_S, tracer)


def _within(limit_s: float, tracer: Tracer) -> None:
    """Closes `tracer`; goes on after `limit_s` whether that has succeeded or not."""
    closing = threading.Thread(target=tracer.close, daemon=True)
    closing.start()
    closing.join(limit_s)
