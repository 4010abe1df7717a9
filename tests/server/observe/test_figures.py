"""What /metrics tells of searches, judges, engines and queues."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from harness import ClientOf, RunningUpstream
from starlette.testclient import TestClient

from inference.admission import Admission
from inference.judges.scripted import ScriptedJudge
from inference.spans import RETRIEVAL, span, watch
from server.house import build_house
from server.observe.metrics import Metrics
from server.observe.tracing import Tracing
from server.observe.watching import Watching
from server.settings import Settings
from tests.server.limited import PLAN, Limited

NAMES = ("touchstone_running", "touchstone_waiting")
VERIFY = "/v1/verify/reliability"
TEXT = "The tower opened in 1889."
ASK = {"prompt": "When?", "output": TEXT, "context": TEXT}


def figure(client: TestClient, name: str) -> float:
    """The value of a sample, 0 if it is not there."""
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
    return float(lines[0].rpartition(" ")[2]) if lines else 0.0


def test_a_verification_counts_its_searches_and_runs_of_the_judge(client: TestClient) -> None:
    assert client.post(VERIFY, json=ASK).status_code == 200
    assert figure(client, 'touchstone_searches_total{outcome="done",source="the given document"}') == 1
    assert figure(client, 'touchstone_search_seconds_count{source="the given document"}') == 1
    assert figure(client, 'touchstone_judge_runs_total{judge="touchstone-minilm",outcome="done"}') == 1
    assert figure(client, 'touchstone_judge_seconds_sum{judge="touchstone-minilm"}') > 0


def test_a_corpus_without_documents_is_empty_and_no_failure(client: TestClient) -> None:
    client.post(VERIFY, json={"prompt": "Where?", "output": "The Eiffel Tower is in Rome."})
    assert figure(client, 'touchstone_searches_total{outcome="empty",source="your corpus"}') == 1
    assert figure(client, 'touchstone_searches_total{outcome="done",source="the starter corpus"}') == 1


def test_a_judge_that_fails_is_counted_as_that(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings, build_house(settings, judge=ScriptedJudge({})))
    assert client.post(VERIFY, json=ASK).status_code == 502
    assert figure(client, 'touchstone_judge_runs_total{judge="scripted",outcome="failed"}') == 1


def test_requests_to_an_engine_are_counted_by_how_they_end(
    client_of: ClientOf, settings: Settings, upstream: RunningUpstream
) -> None:
    client = client_of(Settings(**(settings.model_dump() | {"engine_url": upstream.url})))
    for model, stream in (("echo", False), ("echo", True), ("failing", False), ("dropping", False)):
        body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "stream": stream}
        client.post("/v1/chat/completions", json=body)
    engine = f'engine="{upstream.url}/v1"'
    counts = {
        outcome: figure(client, f'touchstone_engine_requests_total{{{engine},outcome="{outcome}"}}')
        for outcome in ("done", "refused", "failed")
    }
    assert counts == {"done": 2, "refused": 1, "failed": 1}
    assert figure(client, f"touchstone_engine_seconds_count{{{engine}}}") == 4
    assert figure(client, f"touchstone_engine_first_chunk_seconds_count{{{engine}}}") == 1


def test_requests_over_the_limits_of_their_plan_are_counted_also_calls_of_tools(
    client_of: ClientOf, tmp_path: Path, upstream: RunningUpstream
) -> None:
    server = Limited(client_of, tmp_path, upstream.url, requests_per_minute=1)
    assert server.client.post(VERIFY, json=ASK).status_code == 200
    assert server.client.post(VERIFY, json=ASK).status_code == 429
    arguments = {"prompt": "When?", "response": TEXT, "documentContent": TEXT}
    params = {"name": "verify_document", "arguments": arguments}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = server.client.post("/v1/mcp", json=call, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["result"]["isError"]) == (200, True)
    registry = server.house.metrics.registry
    assert registry.get_sample_value("touchstone_limited_total", {"plan": PLAN}) == 2


async def test_what_waits_for_its_turn_is_told() -> None:
    metrics, admission = Metrics(), Admission(1, 4)
    metrics.watch_line("verifications", lambda: admission.running, lambda: admission.waiting)

    async def hold(until: asyncio.Event) -> None:
        async with admission.enter():
            await until.wait()

    over = asyncio.Event()
    tasks = [asyncio.create_task(hold(over)) for _ in range(3)]
    while admission.running + admission.waiting < len(tasks):  # noqa: ASYNC110  turns of the loop, no wait
        await asyncio.sleep(0)
    told = {name: metrics.registry.get_sample_value(name, {"kind": "verifications"}) for name in NAMES}
    assert told == {"touchstone_running": 1, "touchstone_waiting": 2}
    tasks[1].cancel()
    await asyncio.wait({tasks[1]})
    assert (admission.running, admission.waiting) == (1, 1)
    over.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (admission.running, admission.waiting) == (0, 0)


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "done"), (asyncio.CancelledError(), "left"), (ValueError(), "failed")]
)
async def test_a_span_ends_as_what_is_in_it_ended(error: BaseException | None, outcome: str) -> None:
    metrics = Metrics()
    watch(Watching(metrics, Tracing(Settings())).untraced())
    with contextlib.suppress(asyncio.CancelledError, ValueError), span(RETRIEVAL, source="s"):
        if error is not None:
            raise error
    labels = {"source": "s", "outcome": outcome}
    assert metrics.registry.get_sample_value("touchstone_searches_total", labels) == 1
    watch(None)
    with span(RETRIEVAL, source="s") as unseen:  # nobody watches
        unseen.note(passages=1)
        assert unseen.headers() == {}
    assert metrics.registry.get_sample_value("touchstone_searches_total", labels) == 1
