"""An OpenTelemetry collector that keeps what it is sent: OTLP over HTTP, decoded by its own protobuf."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Span:
    """One span, as it came over the wire."""

    def __init__(self, span: Any, resource: Any) -> None:
        self.name: str = span.name
        self.kind: int = span.kind
        self.trace_id: str = span.trace_id.hex()
        self.id: str = span.span_id.hex()
        self.parent: str = span.parent_span_id.hex()
        self.status: int = span.status.code
        self.message: str = span.status.message
        self.events: list[str] = [event.name for event in span.events]
        self.attributes = {item.key: _value(item.value) for item in span.attributes}
        self.resource = {item.key: _value(item.value) for item in resource.attributes}


class Collector:
    """Listens on loopback until it is stopped. `bodies` is all that came, as text that can be searched."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.bodies = ""
        self.paths: set[str] = set()
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                kept.take(self.path, body)
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1/traces"

    def take(self, path: str, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        self.paths.add(path)
        self.bodies += str(request)
        for of_resource in request.resource_spans:
            for of_scope in of_resource.scope_spans:
                self.spans += [Span(span, of_resource.resource) for span in of_scope.spans]

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))
