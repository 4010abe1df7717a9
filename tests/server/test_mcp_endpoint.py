"""The MCP endpoint, message by message. Whole clients are in tests/clients."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from harness import ClientOf
from starlette.testclient import TestClient

from inference.judges.scripted import ScriptedJudge
from inference.verdict import Evidence, Judgement, Label, Passage, SourceKind, Span
from server.house import build_house
from server.mcp.calls import NAMES
from server.mcp.result import CLAIMS_BYTES_MAX, CORRECTION_BYTES_MAX, ECHO_CHARS_MAX, VerificationResult
from server.settings import Settings
from tools.correct import CORRECTING

JSON_ONLY = {"accept": "application/json"}
BOTH = {"accept": "application/json, text/event-stream"}
WALL = {
    "prompt": "Is the Great Wall of China visible from space?",
    "response": "Yes, the Great Wall of China is visible from space with the naked eye.",
}
CHANGING = {"batch_submit", "batch_cancel"}
NEVER_TWICE_THE_SAME = {"chat", "batch_submit"}
"""A model may answer otherwise, and a batch is made anew."""

CONTRACT = {
    "prompt": "Does this employment contract allow unlimited remote work?",
    "response": "This employment contract allows unlimited remote work.",
    "documentContent": "Section 4.2 Employees must work on site at least three days per week.",
}


@pytest.fixture
def client(standing: Callable[..., TestClient]) -> TestClient:
    return standing()


def call(client: TestClient, method: str, params: dict[str, Any] | None = None, path: str = "/v1/mcp") -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    answer = client.post(path, json=message, headers=JSON_ONLY)
    assert answer.status_code == 200, answer.text
    return answer.json()


def tool(client: TestClient, name: str, arguments: dict[str, Any]) -> Any:
    return call(client, "tools/call", {"name": name, "arguments": arguments})["result"]


def stream(client: TestClient, params: dict[str, Any]) -> list[Any]:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = client.post("/stream", json=message, headers=BOTH)
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line.startswith("data: ")]


@pytest.mark.parametrize("path", ["/v1/mcp", "/stream"])
def test_a_bare_call_works_without_initialize(client: TestClient, path: str) -> None:
    result = call(client, "tools/call", {"name": "verify", "arguments": WALL}, path)["result"]
    body = result["structuredContent"]
    assert (body["is_hallucination"], body["prompt"], body["response"]) == (True, WALL["prompt"], WALL["response"])
    assert set(body["confidence"]) == {"completion_tokens", "prompt_tokens", "total_tokens"}
    assert json.loads(result["content"][0]["text"]) == body
    VerificationResult.model_validate(body)


def test_search_results_are_listed_unless_declined(client: TestClient) -> None:
    assert tool(client, "verify", WALL)["structuredContent"]["search_results"]
    declined = tool(client, "verify", WALL | {"returnSearchResults": False})
    assert declined["structuredContent"]["search_results"] == []


def test_a_document_is_judged_alone(client: TestClient) -> None:
    body = tool(client, "verify_document", CONTRACT)["structuredContent"]
    assert (body["verdict"], body["search_results"]) == ("refuted", [])
    evidence = body["claims"][0]["evidence"][0]
    assert CONTRACT["documentContent"][evidence["start"] : evidence["end"]] == evidence["quote"]


def test_a_claim_in_another_language_is_not_judged_and_says_so(client: TestClient) -> None:
    german = CONTRACT | {"response": "Dieser Arbeitsvertrag erlaubt unbegrenzte Arbeit von zu Hause aus."}
    body = tool(client, "verify_document", german)["structuredContent"]
    assert (body["verdict"], body["is_hallucination"], body["score"]) == ("not_enough_evidence", True, None)
    assert body["claims"][0]["score"] is None
    assert "The claim is in German. This judge reads English" in body["explanation"]
    VerificationResult.model_validate(body)


def test_progress_comes_a_claim_at_a_time_for_a_client_that_asks_for_it(client: TestClient) -> None:
    arguments = CONTRACT | {"response": "Employees must work on site. They may work from home on two days."}
    messages = stream(client, {"name": "verify_document", "arguments": arguments, "_meta": {"progressToken": "t"}})
    progress = [m["params"] for m in messages if m.get("method") == "notifications/progress"]
    assert [(p["progress"], p["total"]) for p in progress] == [(0, 2), (1, 2), (2, 2)]
    assert "result" in messages[-1]


def test_without_a_progress_token_only_the_result_is_sent(client: TestClient) -> None:
    assert len(stream(client, {"name": "verify", "arguments": WALL})) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("verify", {"prompt": "a"}, "response is required"),
        ("verify", WALL | {"response": " "}, "response is blank"),
        ("verify", WALL | {"response": 5}, "response"),
        ("verify", WALL | {"returnSearchResults": "no"}, "returnSearchResults"),
        ("verify_document", WALL, "documentContent is required"),
        ("verify_document", CONTRACT | {"documentContent": ""}, "documentContent is empty"),
        ("verify_document", WALL | {"documentcontent": "a"}, "did you mean 'documentContent'"),
        ("verify_document", WALL | {"document": "a"}, "did you mean 'documentContent'"),
        ("verify", WALL | {"documentContent": "a"}, "call verify_document"),
        ("verify", WALL | {"document": "a"}, "call verify_document"),
        ("verify", WALL | {"context": "a"}, "call verify_document"),
    ],
)
def test_what_the_model_can_mend_comes_back_as_an_error_result(
    client: TestClient, name: str, arguments: dict[str, Any], said: str
) -> None:
    result = tool(client, name, arguments)
    assert result["isError"] is True
    assert said in result["content"][0]["text"]


def test_a_failed_judge_is_an_error_result_that_says_there_is_no_verdict(
    client_of: ClientOf, settings: Settings
) -> None:
    client = client_of(settings, build_house(settings, judge=ScriptedJudge({}, available=False)))
    result = tool(client, "verify", WALL)
    assert result["isError"] is True
    assert "judge_unavailable" in result["content"][0]["text"]
    assert "No verdict was reached" in result["content"][0]["text"]


@pytest.mark.parametrize(("method", "params"), [("tools/call", {"name": "delete_all"}), ("prompts/get", {"name": "x"})])
def test_an_unknown_name_is_a_protocol_error_that_names_what_there_is(
    client: TestClient, method: str, params: dict[str, Any]
) -> None:
    assert "verify" in call(client, method, params)["error"]["message"]


def test_tools_carry_flat_schemas_and_honest_annotations(client: TestClient) -> None:
    tools = {t["name"]: t for t in call(client, "tools/list")["result"]["tools"]}
    assert list(tools) == list(NAMES)
    for each in tools.values():
        written = json.dumps(each["inputSchema"])
        assert "anyOf" not in written
        assert "$ref" not in written + json.dumps(each["outputSchema"])
        assert each["annotations"]["readOnlyHint"] is (each["name"] not in CHANGING)
        assert each["annotations"]["destructiveHint"] is (each["name"] == "batch_cancel")
        assert each["annotations"]["idempotentHint"] is (each["name"] not in NEVER_TWICE_THE_SAME)
    assert tools["verify"]["inputSchema"]["required"] == ["prompt", "response"]
    assert tools["verify_document"]["annotations"]["openWorldHint"] is False


def test_the_world_is_open_only_while_web_search_is_on(client_of: ClientOf, settings: Settings) -> None:
    online = client_of(Settings(**(settings.model_dump() | {"web_search": True})))
    assert [name for name, is_open in open_worlds(online).items() if is_open] == ["verify", "chat", "batch_submit"]


def test_the_world_of_a_chat_is_open_where_its_engine_is_somebody_elses(
    client_of: ClientOf, settings: Settings
) -> None:
    own = client_of(Settings(**(settings.model_dump() | {"engine_url": ["http://localhost:8000/v1"]})))
    assert not any(open_worlds(own).values())
    hosted = client_of(Settings(**(settings.model_dump() | {"engine_url": ["https://engine.test/v1"]})))
    assert [name for name, is_open in open_worlds(hosted).items() if is_open] == ["chat", "batch_submit"]


def open_worlds(client: TestClient) -> dict[str, bool]:
    tools = call(client, "tools/list")["result"]["tools"]
    return {tool["name"]: tool["annotations"]["openWorldHint"] for tool in tools}


def test_the_server_describes_itself_as_a_resource(client: TestClient) -> None:
    listed = call(client, "resources/list")["result"]["resources"]
    assert [resource["uri"] for resource in listed] == ["touchstone://server"]
    read = call(client, "resources/read", {"uri": "touchstone://server"})["result"]["contents"][0]
    about = json.loads(read["text"])
    assert (about["judge"], about["web_search"]) == ("touchstone-minilm", False)
    assert about["limits"]["claims_max"] > 0
    assert "error" in call(client, "resources/read", {"uri": "touchstone://nothing"})


def test_the_verify_prompt_asks_for_the_tools(client: TestClient) -> None:
    assert [p["name"] for p in call(client, "prompts/list")["result"]["prompts"]] == ["verify"]
    got = call(client, "prompts/get", {"name": "verify", "arguments": {"response": "Rome is in France."}})["result"]
    text = got["messages"][0]["content"]["text"]
    assert "verify_document" in text
    assert "Rome is in France." in text


def test_a_result_stays_within_what_clients_keep_and_drops_no_failing_claim_first(
    client_of: ClientOf, settings: Settings
) -> None:
    facts = [f"Item {i} costs {i + 10} euros." for i in range(300)]
    script = {fact: Judgement(Label.SUPPORTED, 0.9, "It says so.") for fact in facts}
    script[facts[-1]] = Judgement(Label.REFUTED, 0.1, "It says something else.")
    client = client_of(settings, build_house(settings, judge=ScriptedJudge(script)))
    arguments = {"prompt": "Prices?", "response": " ".join(facts), "documentContent": "A price list."}
    body = tool(client, "verify_document", arguments)["structuredContent"]
    assert body["claims_omitted"] == 300 - len(body["claims"]) > 0
    assert len(json.dumps(body["claims"])) < CLAIMS_BYTES_MAX * 1.2
    assert any(claim["text"] == facts[-1] for claim in body["claims"])
    assert len(body["response"]) <= ECHO_CHARS_MAX


def test_there_is_no_session_to_open_or_to_end(client: TestClient) -> None:
    assert client.get("/v1/mcp", headers=BOTH).status_code == 405
    assert client.delete("/v1/mcp", headers=BOTH).status_code == 405


def test_what_is_no_json_is_a_json_rpc_error(client: TestClient) -> None:
    answer = client.post("/v1/mcp", content=b"{", headers=BOTH | {"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32700


RULES = CONTRACT | {
    "response": "Employees must work on site at least three days per week. Dogs are welcome in the office."
}


def test_a_corrected_response_comes_only_if_asked_for(client: TestClient) -> None:
    assert "correction" not in tool(client, "verify_document", RULES)["structuredContent"]
    result = tool(client, "verify_document", RULES | {"correct": True})
    body = result["structuredContent"]
    correction = body["correction"]
    assert correction["text"] == "Employees must work on site at least three days per week."
    assert (correction["text_omitted"], correction["edits_omitted"]) == (False, 0)
    assert [edit["original"] for edit in correction["edits"]] == [" Dogs are welcome in the office."]
    assert json.loads(result["content"][0]["text"]) == body
    VerificationResult.model_validate(body)
    general = tool(client, "verify", WALL | {"correct": True})["structuredContent"]
    assert general["correction"]["text"] == ""


def test_correcting_moves_the_progress_on(client: TestClient) -> None:
    params = {"name": "verify_document", "arguments": RULES | {"correct": True}, "_meta": {"progressToken": "t"}}
    progress = [m["params"] for m in stream(client, params) if m.get("method") == "notifications/progress"]
    assert progress[-1]["message"] == CORRECTING
    assert [p["progress"] for p in progress] == sorted({p["progress"] for p in progress})


def many_doors(number: int, name: str) -> str:
    return "\n".join(f"- The {name} door number {n} of the old house by the river is red." for n in range(number))


@pytest.mark.parametrize(("good", "bad"), [(20, 20), (400, 2), (2, 400), (0, 300)])
def test_a_long_correction_is_left_out_whole_and_says_so(
    client_of: ClientOf, settings: Settings, good: int, bad: int
) -> None:
    response = f"{many_doors(good, 'front')}\n\n{many_doors(bad, 'back')}".strip()
    claims = [line.removeprefix("- ") for line in response.splitlines() if line]
    evidence = Evidence(Passage("p", "Doors are red.", SourceKind.DOCUMENT), Span(0, 14), Label.SUPPORTED)
    yes = Judgement(Label.SUPPORTED, 0.9, "Yes.", (evidence,))
    no = Judgement(Label.NOT_ENOUGH_EVIDENCE, 0.4, "Unknown.")
    judge = ScriptedJudge({claim: yes if "front" in claim else no for claim in claims})
    client = client_of(settings, build_house(settings, judge=judge))
    arguments = {"prompt": "Doors?", "response": response, "documentContent": "Doors are red.", "correct": True}
    body = tool(client, "verify_document", arguments)["structuredContent"]
    correction = body["correction"]
    assert len(json.dumps(correction)) <= CORRECTION_BYTES_MAX + 200
    assert correction["text"] in ("", many_doors(good, "front"))
    assert correction["text_omitted"] is (good == 400)
    whole = client.post(
        "/v1/verify/reliability",
        json={"prompt": "Doors?", "output": response, "context": "Doors are red.", "correct": True},
    ).json()["correction"]
    assert whole["text"] == many_doors(good, "front")
    assert len(correction["edits"]) + correction["edits_omitted"] == len(whole["edits"])
    assert all(number < len(body["claims"]) for edit in correction["edits"] for number in edit["claims"])
