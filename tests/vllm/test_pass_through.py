"""What a client sends reaches vLLM, and what vLLM answers comes back as it was."""

import json
import re
from typing import Any

import httpx
import pytest
from harness import RunningServer
from jsonschema import validate
from openai import BadRequestError, OpenAI

from tests.vllm.serving import Direct, direct

HELLO: list[Any] = [{"role": "user", "content": "Tell me of the harbour bridge."}]
ASK = {"model": "tiny", "messages": HELLO, "max_tokens": 24, "temperature": 0}
WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "enum": ["Paris", "Rome"]},
        "days": {"type": "integer", "enum": [1, 2, 3]},
    },
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOLS: list[Any] = [{"type": "function", "function": {"name": "weather", "parameters": WEATHER}}]
VERDICT = {
    "type": "object",
    "properties": {
        "verdict": {"type": "string", "enum": ["supported", "refuted", "not_enough_evidence"]},
        "evidence": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 9}, "maxItems": 3},
    },
    "required": ["verdict", "evidence"],
    "additionalProperties": False,
}
ANSWERS = 20
VARYING = (
    rb'"id":"(chatcmpl|cmpl)-[0-9a-f]+"',
    rb'"created":\d+',
)
"""What differs between two answers to one question: the only bytes that are not compared."""


def constant(body: bytes) -> bytes:
    for pattern in VARYING:
        body = re.sub(pattern, b"", body)
    return body


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", ASK),
        ("/v1/chat/completions", ASK | {"stream": True}),
        ("/v1/chat/completions", ASK | {"stream": True, "stream_options": {"include_usage": True}}),
        ("/v1/chat/completions", ASK | {"n": 2, "stop": ["zzzz"], "a_field_that_nobody_knows": 1}),
        ("/v1/completions", {"model": "tiny", "prompt": "The bridge", "max_tokens": 8, "temperature": 0}),
        ("/v1/chat/completions", ASK | {"temperature": "warm"}),
    ],
)
def test_the_answer_is_vllms_byte_for_byte(http: httpx.Client, vllm: Direct, path: str, body: dict[str, Any]) -> None:
    sent = json.dumps(body)
    headers = {"content-type": "application/json"}
    ours = http.post(path, content=sent, headers=headers)
    with vllm.client() as client:
        theirs = client.post(path, content=sent, headers=headers)
    assert ours.status_code == theirs.status_code
    if theirs.is_success:
        assert constant(ours.content) == constant(theirs.content)
        assert ours.headers["content-type"] == theirs.headers["content-type"]
    else:
        # In OpenAI's shape, with a text for `code` where vLLM has a number.
        assert ours.json()["error"]["message"] == theirs.json()["error"]["message"]


def test_a_stream_comes_in_pieces_and_ends_with_the_usage(openai: OpenAI) -> None:
    stream = openai.chat.completions.create(
        model="tiny", messages=HELLO, max_tokens=12, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert len([chunk for chunk in chunks if chunk.choices]) > 3
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens <= 12


def test_a_named_tool_is_called_with_arguments_that_fit(openai: OpenAI) -> None:
    answer = openai.chat.completions.create(
        model="tiny",
        messages=HELLO,
        tools=TOOLS,
        tool_choice={"type": "function", "function": {"name": "weather"}},
        max_tokens=60,
    )
    call = (answer.choices[0].message.tool_calls or [])[0]
    assert call.type == "function"
    assert call.function.name == "weather"
    validate(json.loads(call.function.arguments), WEATHER)


def test_structured_output_fits_its_schema_every_time(openai: OpenAI) -> None:
    for seed in range(ANSWERS):
        answer = openai.chat.completions.create(
            model="tiny",
            messages=HELLO,
            response_format={"type": "json_schema", "json_schema": {"name": "verdict", "schema": VERDICT}},
            max_tokens=200,
            temperature=1,
            seed=seed,
        )
        validate(json.loads(answer.choices[0].message.content or ""), VERDICT)


def test_log_probabilities_come_with_their_alternatives(openai: OpenAI) -> None:
    answer = openai.chat.completions.create(
        model="tiny", messages=HELLO, max_tokens=5, temperature=0, logprobs=True, top_logprobs=4
    )
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    tokens = logprobs.content or []
    assert 0 < len(tokens) <= 5
    for token in tokens:
        assert len(token.top_logprobs) == 4
        assert token.logprob == max(alternative.logprob for alternative in token.top_logprobs)


def test_embeddings_come_from_the_model_that_makes_them(openai: OpenAI, server: RunningServer) -> None:
    texts = ["The harbour bridge", "Water boils"]
    ours = openai.embeddings.create(model="embed", input=texts, encoding_format="float")
    with direct(server, "embed").client() as client:
        theirs = client.post("/v1/embeddings", json={"model": "embed", "input": texts}).json()
    assert [item.embedding for item in ours.data] == [item["embedding"] for item in theirs["data"]]
    assert len(ours.data[0].embedding) == 64
    assert ours.data[0].embedding != ours.data[1].embedding


def test_the_models_are_listed_beside_our_own(openai: OpenAI) -> None:
    names = [model.id for model in openai.models.list()]
    assert {"tiny", "law", "embed", "klusterai/verify-reliability"} <= set(names)
    assert openai.models.retrieve("tiny").owned_by == "vllm"


def test_what_the_context_cannot_hold_is_an_error_that_says_so(openai: OpenAI) -> None:
    with pytest.raises(BadRequestError) as caught:
        openai.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "bridge " * 20000}])
    assert caught.value.code == "context_length_exceeded"
    assert "8192" in caught.value.message


def test_nothing_that_was_asked_is_in_the_log(http: httpx.Client, server: RunningServer) -> None:
    secret: list[Any] = [{"role": "user", "content": "Secretquestion"}]
    assert http.post("/v1/chat/completions", json=ASK | {"messages": secret}).status_code == 200
    assert (
        http.post(
            "/v1/chat/completions", json=ASK | {"messages": [{"role": "user", "content": {"Secretkey": 1}}]}
        ).status_code
        == 400
    )
    assert http.post("/v1/chat/completions", json=ASK | {"messages": secret, "max_tokens": 9**9}).status_code == 400
    assert "ecret" not in server.log()
