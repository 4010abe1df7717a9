"""A fault that nobody foresaw: an error with an id, the trace under that id in the log, and the next request works."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from harness import ClientOf

from inference.judges.scripted import ScriptedJudge
from server.house import build_house
from server.settings import Settings

VERIFY = "/v1/verify/reliability"
ASK = {"prompt": "When?", "output": "The tower opened in 1889.", "context": "The tower opened in 1889."}


class BrokenJudge(ScriptedJudge):
    """Fails in a way that no judge should."""

    async def judge(self, *_: Any) -> AsyncIterator[Any]:
        raise ZeroDivisionError("a detail of the inside")
        yield


def test_a_fault_answers_with_an_id_under_which_the_log_has_the_trace(
    client_of: ClientOf, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(settings, build_house(settings, judge=BrokenJudge({})))
    with caplog.at_level(logging.INFO, "touchstone"):
        answer = client.post(VERIFY, json=ASK, headers={"x-request-id": "mine-7"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "a detail of the inside" not in answer.text
    assert answer.headers["x-request-id"] == "mine-7"
    (fault,) = [record for record in caplog.records if record.exc_info]
    assert "mine-7" in fault.getMessage()
    assert "a detail of the inside" in caplog.text
    assert client.get("/health").status_code == 200
    assert 'touchstone_requests_total{route="/v1/verify/reliability",status="500"} 1.0' in client.get("/metrics").text


def test_a_fault_in_an_mcp_call_is_an_error_and_shows_nothing_of_the_inside(
    client_of: ClientOf, settings: Settings
) -> None:
    client = client_of(settings, build_house(settings, judge=BrokenJudge({})))
    arguments = {"prompt": "When?", "response": ASK["output"], "documentContent": ASK["context"]}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"} | {
        "params": {"name": "verify_document", "arguments": arguments}
    }
    body = client.post("/v1/mcp", json=call, headers={"accept": "application/json"}).json()
    assert "error" in body or body["result"]["isError"]
    assert "a detail of the inside" not in str(body)
