"""`POST /v1/verify/reliability`, plain and streamed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from harness import ClientOf
from starlette.testclient import TestClient

from inference.judges.scripted import ScriptedJudge
from server.house import build_house
from server.settings import Settings
from server.wire.verification import VerificationBody

PATH = "/v1/verify/reliability"
TOWER = {"prompt": "Where is the Eiffel Tower?", "output": "The Eiffel Tower is located in Rome."}
TWO_CLAIMS = {
    "prompt": "Tell me about the tower.",
    "output": "The tower opened in 1889. The tower is 400 metres tall.",
    "context": "The tower opened in 1889. The tower is 330 metres tall.",
}


@pytest.fixture
def client(standing: Callable[..., TestClient]) -> TestClient:
    return standing()


def events(text: str) -> list[tuple[str, str]]:
    """The (name, data) of each event of a stream."""
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    fields = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [(field.get("event", "message"), field["data"]) for field in fields]


def test_the_references_fields_are_there_and_ours_beside_them(client: TestClient) -> None:
    body = client.post(PATH, json=TOWER).json()
    assert body["is_hallucination"] is True
    assert set(body["usage"]) == {"completion_tokens", "prompt_tokens", "total_tokens"}
    assert "search_results" not in body
    assert (body["verdict"], body["judge"]) == ("refuted", "touchstone-minilm")
    assert 0 <= body["score"] < 0.5
    VerificationBody.model_validate(body | {"search_results": []})


def test_search_results_come_only_if_asked_for_with_title_snippet_and_link(client: TestClient) -> None:
    results = client.post(PATH, json=TOWER | {"return_search_results": True}).json()["search_results"]
    assert results
    assert all(set(result) == {"title", "snippet", "link"} for result in results)
    assert client.post(PATH, json=TWO_CLAIMS | {"return_search_results": True}).json()["search_results"] == []


def test_spans_and_quotes_are_exact(client: TestClient) -> None:
    body = client.post(PATH, json=TWO_CLAIMS).json()
    assert [claim["verdict"] for claim in body["claims"]] == ["supported", "refuted"]
    for claim in body["claims"]:
        assert TWO_CLAIMS["output"][claim["start"] : claim["end"]] == claim["text"]
        for evidence in claim["evidence"]:
            assert TWO_CLAIMS["context"][evidence["start"] : evidence["end"]] == evidence["quote"]


def test_a_stream_sends_each_claim_then_the_verdict_then_done(client: TestClient) -> None:
    answer = client.post(PATH, json=TWO_CLAIMS | {"stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text)
    assert [name for name, _ in found] == ["claim", "claim", "verdict", "message"]
    assert found[-1][1] == "[DONE]"
    claims = [json.loads(data) for name, data in found if name == "claim"]
    assert [(claim["index"], claim["total"]) for claim in claims] == [(0, 2), (1, 2)]
    assert json.loads(found[2][1]) == client.post(PATH, json=TWO_CLAIMS).json()


def test_the_same_question_gives_the_same_answer(client: TestClient) -> None:
    assert client.post(PATH, json=TOWER).json() == client.post(PATH, json=TOWER).json()


@pytest.mark.parametrize("model", ["klusterai/verify-reliability", "touchstone/verify", None])
def test_the_verifying_models_may_be_named(client: TestClient, model: str | None) -> None:
    assert client.post(PATH, json=TOWER | {"model": model}).status_code == 200


def test_another_model_is_not_found(client: TestClient) -> None:
    error = client.post(PATH, json=TOWER | {"model": "gpt-9"}).json()["error"]
    assert (error["code"], error["param"]) == ("model_not_found", "model")


@pytest.mark.parametrize(
    ("change", "param", "said"),
    [
        ({"prompt": ""}, "prompt", "at least 1 character"),
        ({"output": " \n "}, "output", "blank"),
        ({"context": ""}, "context", "empty"),
        ({"context": "\t"}, "context", "blank"),
        ({"prompt": None}, "prompt", "got a JSON null"),
        ({"output": 7}, "output", "got a JSON number"),
        ({"output": ["a"]}, "output", "got a JSON array"),
        ({"context": {"text": "a"}}, "context", "got a JSON object"),
        ({"return_search_results": "yes"}, "return_search_results", "got a JSON string"),
        ({"stream": 1}, "stream", "got a JSON number"),
        ({"contxt": "a"}, "contxt", "did you mean 'context'"),
        ({"document": "a"}, "document", "did you mean 'context'"),
        ({"documentContent": "a"}, "documentContent", "did you mean 'context'"),
        ({"outputs": "a"}, "outputs", "did you mean 'output'"),
    ],
)
def test_bad_fields_are_named_with_what_was_wrong(
    client: TestClient, change: dict[str, Any], param: str, said: str
) -> None:
    answer = client.post(PATH, json=TOWER | change)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert said in error["message"]


@pytest.mark.parametrize("missing", ["prompt", "output"])
def test_a_missing_field_is_named(client: TestClient, missing: str) -> None:
    error = client.post(PATH, json={k: v for k, v in TOWER.items() if k != missing}).json()["error"]
    assert (error["param"], error["message"]) == (missing, f"{missing} is required")


def test_fields_that_openai_clients_send_besides_are_ignored(client: TestClient) -> None:
    assert client.post(PATH, json=TOWER | {"temperature": 0, "user": "u"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no body"),
        (b"{", "not valid JSON"),
        (b"[]", "array"),
        (b'"text"', "string"),
        (b"null", "null"),
        (b'{"prompt": "\xff\xfe", "output": "a"}', "not valid JSON"),
        (b'{"prompt": "\\ud800", "output": "a"}', "not valid JSON"),
        (b'{"prompt": NaN, "output": "a"}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(client: TestClient, body: bytes, said: str) -> None:
    answer = client.post(PATH, content=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


GERMAN = {
    "prompt": "Where is the Eiffel Tower?",
    "output": "Der Eiffelturm steht in der französischen Hauptstadt.",
    "context": "The Eiffel Tower is in Paris, the capital of France.",
}


def test_a_claim_in_another_language_is_not_judged_and_says_so(client: TestClient) -> None:
    body = client.post(PATH, json=GERMAN).json()
    assert (body["verdict"], body["is_hallucination"], body["score"]) == ("not_enough_evidence", True, None)
    assert [(claim["verdict"], claim["score"]) for claim in body["claims"]] == [("not_enough_evidence", None)]
    assert "The claim is in German. This judge reads English" in body["explanation"]
    VerificationBody.model_validate(body | {"search_results": []})


def test_evidence_in_another_language_is_not_judged_and_says_so(client: TestClient) -> None:
    asked = GERMAN | {"output": TOWER["output"], "context": GERMAN["output"]}
    body = client.post(PATH, json=asked).json()
    assert (body["verdict"], body["score"], body["claims"][0]["score"]) == ("not_enough_evidence", None, None)
    assert "The evidence is in German." in body["claims"][0]["explanation"]


def test_a_claim_in_another_language_streams_in_its_place(client: TestClient) -> None:
    asked = TWO_CLAIMS | {"output": "The tower opened in 1889. " + GERMAN["output"] + " The tower is 330 metres tall."}
    found = events(client.post(PATH, json=asked | {"stream": True}).text)
    claims = [json.loads(data) for name, data in found if name == "claim"]
    assert [claim["verdict"] for claim in claims] == ["supported", "not_enough_evidence", "supported"]
    assert [claim["score"] is None for claim in claims] == [False, True, False]


def test_the_published_schema_lets_a_claims_score_be_null(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()["components"]["schemas"]["ClaimBody"]["properties"]["score"]
    assert {"type": "null"} in schema["anyOf"]
    assert "declined" in schema["description"]


def test_a_judge_that_is_down_is_503_never_a_verdict(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings, build_house(settings, judge=ScriptedJudge({}, available=False)))
    answer = client.post(PATH, json=TOWER)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "judge_unavailable")
    assert "retry-after" in answer.headers
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200


def test_a_judge_that_fails_in_the_middle_of_a_stream_ends_it_without_a_verdict(
    client_of: ClientOf, settings: Settings
) -> None:
    client = client_of(settings, build_house(settings, judge=ScriptedJudge({})))
    found = events(client.post(PATH, json=TOWER | {"stream": True}).text)
    assert [name for name, _ in found] == ["error", "message"]
    assert json.loads(found[0][1])["error"]["code"] == "judge_unreadable"


def test_bad_input_of_a_stream_has_its_http_status(client: TestClient) -> None:
    assert client.post(PATH, json=TOWER | {"stream": True, "output": " "}).status_code == 400


def test_an_unforeseen_fault_is_a_500_in_openais_shape_and_shows_nothing_of_the_inside(
    client_of: ClientOf, settings: Settings
) -> None:
    class BrokenJudge(ScriptedJudge):
        async def judge(self, *_: Any) -> Any:  # type: ignore[override]
            raise ZeroDivisionError("secret detail")
            yield

    client = client_of(settings, build_house(settings, judge=BrokenJudge({})), raise_server_exceptions=False)
    answer = client.post(PATH, json=TOWER)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.text


def test_every_answer_carries_a_request_id_and_the_callers_own_if_sane(client: TestClient) -> None:
    assert client.get("/health").headers["x-request-id"].startswith("req_")
    assert client.get("/health", headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert client.get("/health", headers={"x-request-id": "a b"}).headers["x-request-id"].startswith("req_")


RED = {
    "prompt": "Tell me about the tower.",
    "output": "The tower opened in 1889 😀. The tower has a cellar, and the tower is 330 metres tall.",
    "context": "The tower opened in 1889. The tower has no cellar. The tower is 330 metres tall.",
}


def test_a_corrected_response_comes_only_if_asked_for_with_exact_edits(client: TestClient) -> None:
    assert "correction" not in client.post(PATH, json=RED | {"correct": False}).json()
    assert "correction" not in client.post(PATH, json=RED | {"correct": None}).json()
    body = client.post(PATH, json=RED | {"correct": True}).json()
    assert body["correction"]["text"] == "The tower opened in 1889 😀. The tower is 330 metres tall."
    (edit,) = body["correction"]["edits"]
    assert RED["output"][edit["start"] : edit["end"]] == edit["original"] == "The tower has a cellar, and t"
    assert (edit["replacement"], edit["claims"]) == ("T", [1])
    assert body["claims"][1]["verdict"] == "refuted"
    assert edit["reason"]
    VerificationBody.model_validate(body | {"search_results": []})


def test_a_stream_has_the_correction_in_its_verdict(client: TestClient) -> None:
    found = events(client.post(PATH, json=RED | {"correct": True, "stream": True}).text)
    assert [name for name, _ in found] == ["claim", "claim", "claim", "step", "verdict", "message"]
    plain = client.post(PATH, json=RED | {"correct": True}).json()
    assert json.loads(found[-2][1])["correction"] == plain["correction"]


def test_correct_has_to_be_true_or_false(client: TestClient) -> None:
    answer = client.post(PATH, json=RED | {"correct": "yes"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "correct")


def test_a_response_of_which_nothing_is_left_is_empty(client: TestClient) -> None:
    wrong = RED | {"output": "The tower has a cellar."}
    assert client.post(PATH, json=wrong | {"correct": True}).json()["correction"]["text"] == ""
