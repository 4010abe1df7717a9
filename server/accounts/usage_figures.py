"""What Prometheus is told of usage: the totals of this process since it began, put together when it asks."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from server.accounts.usage_meter import UsageMeter


class UsageFigures(Collector):
    """The totals of `meter`: nothing is counted twice on the way of a request."""

    def __init__(self, meter: UsageMeter) -> None:
        self._meter = meter

    def collect(self) -> Iterator[CounterMetricFamily]:
        requests = CounterMetricFamily(
            "touchstone_usage_requests", "Requests that asked a model, by key and model.", labels=["key", "model"]
        )
        tokens = CounterMetricFamily(
            "touchstone_usage_tokens", "Tokens, by key, model and kind.", labels=["key", "model", "kind"]
        )
        for (key_id, model), used in self._meter.totals().items():
            requests.add_metric([key_id, model], used.requests)
            tokens.add_metric([key_id, model, "input"], used.input_tokens)
            tokens.add_metric([key_id, model, "output"], used.output_tokens)
        yield requests
        yield tokens
