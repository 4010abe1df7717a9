"""The address of an OpenTelemetry collector, as the settings take it."""

from urllib.parse import urlsplit


def collector_url(url: str) -> str:
    """`url` if it can be meant, or is empty. Raises ValueError, without showing it: it may hold a password."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc):
        raise ValueError(
            "give the URL of an OTLP/HTTP endpoint, such as http://localhost:4318/v1/traces, without user or password: "
            "what a collector asks for goes into the variable OTEL_EXPORTER_OTLP_HEADERS"
        )
    return url
