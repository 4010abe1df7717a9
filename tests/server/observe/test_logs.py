"""The log in both forms: one line an event, with the id of the request or the batch that it was written for."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from harness import ClientOf, RunningServer

from inference.action_log import tell
from inference.batches.batch import Batch, Endpoint, Status
from inference.batches.line import Line
from inference.judges.scripted import ScriptedJudge
from inference.verdict import Judgement
from server.answers.batch_answers import HouseAnswerer
from server.house import build_house
from server.observe.log_context import LOG_CONTEXT, REQUEST
from server.observe.logs import configure_logs, log_action, log_fault
from server.settings import Settings

VERIFY = "/v1/verify/reliability"
TEXT = "The tower opened in 1889."
ASK = {"prompt": "When?", "output": TEXT, "context": TEXT}
KEY = "a-key-for-the-log-0001"


class TalkingJudge(ScriptedJudge):
    """Has three who know nothing of requests write a line each: a part of ours, a library, a thread. Then it breaks."""

    def __init__(self) -> None:
        super().__init__({})

    async def judge(self, *_: Any) -> AsyncIterator[Judgement]:
        tell(logging.getLogger("touchstone.test"), logging.WARNING, "spoke", model="m")
        await asyncio.to_thread(logging.getLogger("a.library").warning, "it said %s", "so")
        raise ZeroDivisionError("a detail of the inside")
        yield


class Log:
    """What is written, in the form that was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", self._stream)

    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]

    def of(self, **fields: object) -> dict[str, Any]:
        """The one object that has these fields."""
        (found,) = [line for line in self.objects() if fields.items() <= line.items()]
        return found


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Log]]:
    """Writes the log in a form, until the test is over."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging._srcfile
    flags = logging.logThreads, logging.logProcesses, logging.logMultiprocessing

    def written(form: str) -> Log:
        log = Log(monkeypatch)
        configure_logs("info", form)
        return log

    yield written
    root.handlers, root.level, logging._srcfile = before
    logging.logThreads, logging.logProcesses, logging.logMultiprocessing = flags


def test_every_line_of_a_server_is_a_json_object(start_server: Callable[..., RunningServer]) -> None:
    server = start_server(TOUCHSTONE_LOG_FORMAT="json", TOUCHSTONE_API_KEYS=KEY)
    with server.client(headers={"x-api-key": KEY}) as client:
        assert client.post(VERIFY, json=ASK, headers={"x-request-id": "mine-1"}).status_code == 200
        assert client.post(VERIFY, headers={"x-request-id": "mine-2", "x-api-key": "wrong"}).status_code == 401
    server.stop()
    lines = {(line["action"], line.get("request_id")): line for line in map(json.loads, server.log().splitlines())}
    assert {("started", None), ("stopped", None)} <= lines.keys()
    served = lines["request", "mine-1"]
    assert served["key"].startswith("settings_")
    assert served["ms"] > 0
    assert datetime.fromisoformat(served["time"]).utcoffset() is not None
    expected = {"level": "info", "method": "POST", "route": VERIFY, "status": 200}
    assert expected.items() <= served.items()
    assert "key" not in lines["request", "mine-2"]
    assert KEY not in server.log()


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/event-stream"])
@pytest.mark.parametrize("path", [VERIFY, "/v1/mcp"])
def test_whatever_is_written_while_a_request_is_served_carries_its_id(
    log: Callable[[str], Log], client_of: ClientOf, settings: Settings, path: str, accept: str
) -> None:
    client = client_of(settings, build_house(settings, judge=TalkingJudge()))
    written = log("json")
    arguments = {"prompt": "When?", "response": TEXT, "documentContent": TEXT}
    params = {"name": "verify_document", "arguments": arguments}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    client.post(path, json=ASK if path == VERIFY else call, headers={"x-request-id": "mine-7", "accept": accept})
    lines = written.objects()
    assert [line for line in lines if line.get("request_id") != "mine-7"] == []
    assert {line.get("action") for line in lines} == {"spoke", "fault", "request", None}
    assert "a detail of the inside" in written.of(action="fault")["exception"]
    assert "Traceback" in written.of(action="fault")["exception"]
    library = written.of(message="it said so")
    assert (library["logger"], library["level"]) == ("a.library", "warning")
    assert written.of(action="spoke")["model"] == "m"


def test_text_carries_the_id_too(log: Callable[[str], Log], client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings, build_house(settings, judge=TalkingJudge()))
    written = log("text")
    client.post(VERIFY, json=ASK, headers={"x-request-id": "mine-7"})
    lines = written.lines()
    assert lines[0].endswith(" WARNING spoke model=m id=mine-7")
    assert lines[1].endswith(" WARNING it said so id=mine-7")
    assert lines[2].endswith(" ERROR   fault id=mine-7")
    assert lines[3].startswith("Traceback")
    assert f" INFO    request id=mine-7 method=POST route={VERIFY} status=500 ms=" in lines[-1]


@pytest.mark.parametrize("form", ["text", "json"])
async def test_whatever_is_written_for_a_line_of_a_batch_carries_the_id_of_its_batch(
    log: Callable[[str], Log], settings: Settings, form: str
) -> None:
    answerer = HouseAnswerer(build_house(settings, judge=TalkingJudge()))
    batch = Batch("batch_1", "owner", Status.IN_PROGRESS, Endpoint.VERIFY, "24h", "file-1", 0, 86_400)
    written = log(form)
    await answerer.answer(batch, Line(7, "one", ASK))
    log_action("after")
    if form == "json":
        assert [line.get("batch") for line in written.objects()] == ["batch_1", "batch_1", "batch_1", None]
        assert written.of(action="fault")["line"] == 7
    else:
        begun = [line for line in written.lines() if " batch=batch_1" in line]
        assert [line.split()[2] for line in begun] == ["spoke", "it", "fault"]
        assert begun[-1].endswith(" fault batch=batch_1 line=7")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_value_never_breaks_a_line_nor_the_log(log: Callable[[str], Log], form: str) -> None:
    written = log(form)
    LOG_CONTEXT.set((REQUEST, "r"))
    log_action("odd", reason="two\nlines\r", half="\ud800", many=1 << 80, what=ValueError("x"))
    LOG_CONTEXT.set(None)
    (line,) = written.lines()
    if form == "json":
        odd = written.of(action="odd", request_id="r")
        assert (odd["reason"], odd["half"], odd["what"]) == ("two\nlines\r", "\ud800", "x")
    else:
        assert r" odd id=r reason=two\nlines\r half=" in line


def test_what_is_called_as_the_context_is_written_once(log: Callable[[str], Log]) -> None:
    written = log("text")
    LOG_CONTEXT.set(("batch", "b"))
    log_action("shard_lost", batch="b", shard=1)
    LOG_CONTEXT.set(None)
    assert written.lines()[0].endswith(" shard_lost batch=b shard=1")


def test_a_log_that_nobody_reads_any_more_stops_nothing(log: Callable[[str], Log]) -> None:
    log("json")
    sys.stderr.close()
    log_action("unheard")


def test_a_fault_can_be_named(log: Callable[[str], Log]) -> None:
    written = log("json")
    log_fault(ValueError("why"), "sweeper_stopped", note="n")
    assert "ValueError" in written.of(action="sweeper_stopped", level="error", note="n")["exception"]
