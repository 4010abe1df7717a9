"""Traces, as a collector gets them: what spans there are, under which, and what is never in them."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import REPOSITORY, ClientOf, RunningServer, RunningUpstream

from inference.errors import SettingsError
from inference.judges.scripted import ScriptedJudge
from server.house import build_house
from server.observe.tracing import MISSING
from server.settings import Settings, load_settings
from tests.robustness.waiting import wait_until
from tests.server.batch_life import CHAT, chats, openai_of, submit, wait_for
from tests.server.observe.collector import Collector

VERIFY = "/v1/verify/reliability"
ASKED = "Secretclaim"
ASK = {"prompt": "Secretprompt?", "output": f"The {ASKED} tower opened in 1889.", "context": "It is a Secretcontext."}
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{CALLER}-01", "x-request-id": "mine-7"}
SERVER, CLIENT, INTERNAL = 2, 3, 1
ERROR = 2


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.stop()


def traced(settings: Settings, collector: Collector, **more: object) -> Settings:
    return Settings(**(settings.model_dump() | {"traces_url": collector.url} | more))


def test_a_verification_is_one_trace_from_door_to_verdict(
    start_server: Callable[..., RunningServer], collector: Collector
) -> None:
    key = "a-key-for-the-traces-0001"
    server = start_server(TOUCHSTONE_TRACES_URL=collector.url, TOUCHSTONE_API_KEYS=key)
    with server.client(headers={"x-api-key": key}) as client:
        assert client.post(VERIFY, json=ASK, headers=SAMPLED).status_code == 200
        assert client.get("/health").status_code == 200
    assert server.stop() == 0  # what was not sent is sent then
    (request,) = collector.named(f"POST {VERIFY}")
    assert (request.trace_id, request.parent, request.kind) == (TRACE, CALLER, SERVER)
    expected = {
        "http.request.method": "POST",
        "http.route": VERIFY,
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": VERIFY,
        "touchstone.request_id": "mine-7",
    }
    assert expected.items() <= request.attributes.items()
    assert request.attributes["touchstone.key_id"].startswith("settings_")
    assert request.resource["service.name"] == "touchstone"
    (verification,) = collector.named("verification")
    assert (verification.parent, verification.kind) == (request.id, INTERNAL)
    assert verification.attributes["touchstone.claims"] == 1
    assert verification.attributes["touchstone.verdict"] in {"supported", "refuted", "not_enough_evidence"}
    (retrieval,) = collector.named("retrieval")
    (judge,) = collector.named("judge")
    assert retrieval.parent == judge.parent == verification.id
    assert retrieval.attributes["gen_ai.data_source.id"] == "the given document"
    assert judge.attributes == {"touchstone.judge": "touchstone-minilm", "touchstone.claims": 1}
    assert {span.trace_id for span in collector.spans} == {TRACE}
    assert len(collector.spans) == 4
    assert collector.paths == {"/v1/traces"}
    assert "ecret" not in collector.bodies
    assert key not in collector.bodies


@pytest.mark.parametrize("stream", [False, True])
def test_an_engine_hears_of_the_trace_and_its_hop_is_a_client_span(
    client_of: ClientOf, settings: Settings, upstream: RunningUpstream, collector: Collector, stream: bool
) -> None:
    client = client_of(traced(settings, collector, engine_url=upstream.url))
    body = {"model": "echo", "messages": [{"role": "user", "content": ASKED}], "stream": stream}
    assert client.post("/v1/chat/completions", json=body, headers=SAMPLED).status_code == 200
    told = upstream.last.headers["traceparent"]
    wait_until(lambda: {"POST", "POST /v1/chat/completions"} <= {s.name for s in collector.spans}, "they are sent")
    (hop,) = collector.named("POST")
    (request,) = collector.named("POST /v1/chat/completions")
    assert told == f"00-{TRACE}-{hop.id}-01"
    assert (hop.parent, hop.kind) == (request.id, CLIENT)
    expected = {
        "http.request.method": "POST",
        "url.full": f"{upstream.url}/v1/chat/completions",
        "server.address": "127.0.0.1",
        "http.response.status_code": 200,
        "gen_ai.operation.name": "chat",
    }
    assert expected.items() <= hop.attributes.items()
    assert hop.events == ["first_chunk"] * stream
    assert ASKED not in collector.bodies


def test_without_traces_an_engine_hears_of_none(
    client_of: ClientOf, settings: Settings, upstream: RunningUpstream
) -> None:
    client = client_of(Settings(**(settings.model_dump() | {"engine_url": upstream.url})))
    body = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    assert client.post("/v1/chat/completions", json=body, headers=SAMPLED).status_code == 200
    assert "traceparent" not in upstream.last.headers


def test_a_failure_is_named_by_its_code_and_not_by_its_words(
    client_of: ClientOf, settings: Settings, collector: Collector
) -> None:
    judge = ScriptedJudge({})  # which says in its error what claim it does not know
    settings = traced(settings, collector)
    client = client_of(settings, build_house(settings, judge=judge))
    answer = client.post(VERIFY, json=ASK, headers=SAMPLED)
    assert (answer.status_code, ASKED in answer.text) == (502, True)
    wait_until(lambda: len(collector.spans) >= 4, "the spans are sent")
    failed = {span.name: span.attributes["error.type"] for span in collector.spans if span.status == ERROR}
    assert failed == {"judge": "judge_unreadable", "verification": "judge_unreadable", f"POST {VERIFY}": "502"}
    assert "ecret" not in collector.bodies


def test_of_what_callers_did_not_begin_the_ratio_decides(
    client_of: ClientOf, settings: Settings, collector: Collector
) -> None:
    client = client_of(traced(settings, collector, traces_ratio=0))
    assert client.get("/v1/models").status_code == 200
    assert client.get("/v1/models", headers={"traceparent": SAMPLED["traceparent"][:-2] + "00"}).status_code == 200
    assert client.get("/v1/models", headers=SAMPLED).status_code == 200
    wait_until(lambda: bool(collector.spans), "the span is sent")
    assert [span.trace_id for span in collector.spans] == [TRACE]


@pytest.mark.parametrize("wrong", ["", "00-xyz", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_trace_context_that_is_none_begins_a_new_trace(
    client_of: ClientOf, settings: Settings, collector: Collector, wrong: str
) -> None:
    client = client_of(traced(settings, collector))
    assert client.get("/v1/models", headers={"traceparent": wrong}).status_code == 200
    wait_until(lambda: bool(collector.spans), "the span is sent")
    (request,) = collector.spans
    assert (request.parent, len(request.trace_id)) == ("", 32)


def test_an_unknown_path_is_no_part_of_a_trace(client_of: ClientOf, settings: Settings, collector: Collector) -> None:
    client = client_of(traced(settings, collector))
    assert client.get("/Secretpath?q=Secretquery").status_code == 404
    wait_until(lambda: bool(collector.spans), "the span is sent")
    assert collector.spans[0].name == "GET unknown"
    assert "ecret" not in collector.bodies


def test_a_shard_is_one_span_however_many_lines_it_has(
    start_server: Callable[..., RunningServer], upstream: RunningUpstream, collector: Collector
) -> None:
    server = start_server("--engine-url", upstream.url, TOUCHSTONE_TRACES_URL=collector.url)
    with openai_of(server) as client:
        batch = submit(client, chats(5), CHAT)
        wait_for(client, batch.id, "completed")
    server.stop()
    (shard,) = collector.named("batch shard")
    assert shard.attributes == {"touchstone.batch_id": batch.id, "touchstone.shard": 0, "touchstone.lines": 5}
    assert [span for span in collector.spans if span.parent == shard.id] == []


@pytest.mark.parametrize("listens", [False, True], ids=["away", "silent"])
def test_a_collector_that_takes_nothing_costs_no_request_and_one_line_of_the_log(
    start_server: Callable[..., RunningServer], listens: bool
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody else can listen there
        if listens:
            taken.listen()  # connections are made, and never answered
        server = start_server(TOUCHSTONE_TRACES_URL=f"http://127.0.0.1:{taken.getsockname()[1]}/v1/traces")
        with server.client() as client:
            for _ in range(3):
                assert client.get("/v1/models").status_code == 200
            wait_until(lambda: "traces_lost" in server.log(), "the log tells")
            assert client.get("/v1/models").status_code == 200
        assert server.stop() == 0
    assert server.log().count("traces_lost") == 1
    assert "Traceback" not in server.log()
    assert "opentelemetry" not in server.log()


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/event-stream"])
def test_a_tool_call_is_traced_as_a_request_is(
    client_of: ClientOf, settings: Settings, collector: Collector, accept: str
) -> None:
    client = client_of(traced(settings, collector))
    arguments = {"prompt": ASK["prompt"], "response": ASK["output"], "documentContent": ASK["context"]}
    params = {"name": "verify_document", "arguments": arguments}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    assert client.post("/v1/mcp", json=call, headers=SAMPLED | {"accept": accept}).status_code == 200
    wait_until(lambda: len(collector.spans) >= 4, "the spans are sent")
    (request,) = collector.named("POST /v1/mcp")
    (verification,) = collector.named("verification")
    assert (request.parent, verification.parent) == (CALLER, request.id)
    assert "ecret" not in collector.bodies


@pytest.mark.process
def test_without_traces_what_keeps_and_sends_them_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from server.app import create_app;"
        "from server.settings import Settings\n"
        f"app = create_app(Settings(data_dir=Path({str(tmp_path)!r}), web_search=False))\n"
        "async def go():\n    async with app.router.lifespan_context(app): pass\n"
        "asyncio.run(go()); print([m for m in sys.modules if m.split('.')[:2] == ['opentelemetry', 'sdk']])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert json.loads(out.stdout) == []


@pytest.mark.process
def test_where_opentelemetry_is_missing_the_start_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['opentelemetry.sdk'] = None; from server.cli import app; app()"
    command = [sys.executable, "-c", code, "serve", "--port", "0", "--traces-url", "http://localhost:4318/v1/traces"]
    out = subprocess.run(
        [*command, "--data-dir", str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60
    )
    assert (out.returncode, "touchstone[traces]" in MISSING) == (2, True)
    assert "touchstone[traces]" in out.stderr


@pytest.mark.parametrize("url", ["localhost:4318", "http://user:password@localhost:4318/v1/traces", "grpc://x"])
def test_an_address_that_takes_no_traces_is_refused_unseen(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({"traces_url": url})
    assert "traces_url" in str(refused.value)
    assert "http://localhost:4318/v1/traces" in str(refused.value)
    assert "password@" not in str(refused.value)
