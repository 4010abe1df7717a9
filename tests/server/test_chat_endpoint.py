"""`POST /v1/chat/completions` with a verification model, and the models."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

PATH = "/v1/chat/completions"
MESSAGES = [
    {"role": "system", "content": "You are a knowledgeable assistant that provides accurate medical information."},
    {"role": "user", "content": "Does vitamin C cure the common cold?"},
    {
        "role": "assistant",
        "content": "Yes, taking large doses of vitamin C has been scientifically proven to cure the common cold "
        "within 24 hours.",
    },
]
ASK: dict[str, Any] = {"model": "klusterai/verify-reliability", "messages": MESSAGES}


@pytest.fixture
def client(standing: Callable[..., TestClient]) -> TestClient:
    return standing()


def chunks(text: str) -> list[Any]:
    datas = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    assert datas[-1] == "[DONE]"
    return [json.loads(data) for data in datas[:-1]]


def test_the_content_is_the_verification_as_json(client: TestClient) -> None:
    body = client.post(PATH, json=ASK).json()
    assert (body["object"], body["model"]) == ("chat.completion", ASK["model"])
    assert body["choices"][0]["finish_reason"] == "stop"
    content = json.loads(body["choices"][0]["message"]["content"])
    assert content["is_hallucination"] is True
    assert content["search_results"] == []
    assert body["usage"] == content["usage"]


def test_streamed_the_chunks_add_up_to_the_same_content(client: TestClient) -> None:
    found = chunks(client.post(PATH, json=ASK | {"stream": True}).text)
    content = "".join(c["choices"][0]["delta"].get("content", "") for c in found)
    plain = client.post(PATH, json=ASK).json()["choices"][0]["message"]["content"]
    assert json.loads(content) == json.loads(plain)
    assert found[-1]["choices"][0]["finish_reason"] == "stop"
    assert len({c["id"] for c in found}) == 1


def test_usage_comes_last_in_a_stream_if_asked_for(client: TestClient) -> None:
    asked = ASK | {"stream": True, "stream_options": {"include_usage": True}}
    found = chunks(client.post(PATH, json=asked).text)
    assert (found[-1]["choices"], found[0]["usage"]) == ([], None)
    assert found[-1]["usage"]["total_tokens"] > 0


def test_content_in_parts_is_read(client: TestClient) -> None:
    parts = [{"type": "text", "text": "The Eiffel Tower is "}, {"type": "text", "text": "in Rome."}]
    messages = [{"role": "user", "content": "Where is the Eiffel Tower?"}, {"role": "assistant", "content": parts}]
    content = json.loads(
        client.post(PATH, json=ASK | {"messages": messages}).json()["choices"][0]["message"]["content"]
    )
    assert content["verdict"] == "refuted"


def test_tool_results_of_the_conversation_are_evidence(client: TestClient) -> None:
    messages = [
        {"role": "user", "content": "What is the total of the invoice?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {}}]},
        {"role": "tool", "tool_call_id": "1", "content": "The total of the invoice is 940 EUR, due on 1 March 2025."},
        {"role": "assistant", "content": "The total of the invoice is 940 EUR."},
    ]
    content = json.loads(
        client.post(PATH, json=ASK | {"messages": messages}).json()["choices"][0]["message"]["content"]
    )
    assert content["verdict"] == "supported"


def test_another_model_is_not_found_and_the_message_says_what_there_is(client: TestClient) -> None:
    answer = client.post(PATH, json=ASK | {"model": "deepseek-ai/DeepSeek-R1"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert "klusterai/verify-reliability" in error["message"]
    assert "engine" in error["message"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "text"}, "messages"),
        ({"messages": [{"role": "oracle", "content": "a"}]}, "messages.0.role"),
        ({"messages": [{"content": "a"}]}, "messages.0.role"),
        ({"messages": [MESSAGES[1]]}, "messages"),
        ({"model": None}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"context": "Water boils at 90 degrees."}, "context"),
        ({"documentContent": "Water boils at 90 degrees."}, "documentContent"),
    ],
)
def test_bad_fields_are_named(client: TestClient, change: dict[str, Any], param: str) -> None:
    answer = client.post(PATH, json=ASK | change)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_a_picture_is_refused_by_name(client: TestClient) -> None:
    parts = [{"type": "image_url", "image_url": {"url": "data:"}}]
    messages = [MESSAGES[1], {"role": "assistant", "content": parts}]
    answer = client.post(PATH, json=ASK | {"messages": messages})
    assert answer.status_code == 400
    assert "messages.1.content" in answer.json()["error"]["param"]


def test_models_are_listed_and_found_by_their_names(client: TestClient) -> None:
    listed = client.get("/v1/models").json()
    assert set(listed) == {"object", "data", "has_more", "first_id", "last_id"}
    names = [model["id"] for model in listed["data"]]
    assert names == ["klusterai/verify-reliability", "touchstone/verify", "touchstone/all-minilm-l6-v2"]
    for name in names:
        assert client.get(f"/v1/models/{name}").json()["id"] == name
    assert client.get("/v1/models/nothing").json()["error"]["code"] == "model_not_found"


def test_an_unknown_path_and_a_wrong_method_answer_in_openais_shape(client: TestClient) -> None:
    assert client.get("/v1/nothing").json()["error"]["code"] == "not_found"
    answer = client.get(PATH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_the_corrected_answer_is_in_the_content_if_asked_for(client: TestClient) -> None:
    body = client.post(PATH, json=ASK | {"correct": True}).json()
    content = json.loads(body["choices"][0]["message"]["content"])
    assert content["correction"]["text"] == ""
    assert content["correction"]["edits"][0]["original"] == MESSAGES[-1]["content"]
    plain = client.post(PATH, json=ASK).json()
    assert "correction" not in json.loads(plain["choices"][0]["message"]["content"])
