"""The OpenAI SDK with a model that an engine serves: what its typed methods make of what passes through."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from openai import InternalServerError, OpenAI, pydantic_function_tool
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel

from tests.clients.conftest import ENGINE_KEY, EngineServer
from tests.clients.serving import serving
from tests.clients.upstream import EMBEDDING, EMBEDDING_MODEL, MODEL, Call, Says, upstream_serving

QUESTION: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Which city is the capital of Nepal?"}]
TEXT = "Kathmandu is the capital."


class City(BaseModel):
    """A city and its country."""

    name: str
    country: str


@pytest.fixture
def client(engine_server: EngineServer) -> Iterator[OpenAI]:
    with OpenAI(api_key=engine_server.key, base_url=f"{engine_server.url}/v1", max_retries=0) as client:
        yield client


def test_chunks_come_one_by_one_and_the_usage_last(client: OpenAI, engine_server: EngineServer) -> None:
    engine_server.upstream.follow(lambda body: Says(TEXT, held=True))
    with client.chat.completions.create(
        model=MODEL, messages=QUESTION, stream=True, stream_options={"include_usage": True}
    ) as stream:
        heard = [next(stream), next(stream)]  # the engine sends no more before it is told to
        assert [chunk.choices[0].delta.content for chunk in heard] == ["", "Kathmandu"]
        engine_server.upstream.release()
        *rest, last = stream
    words = [chunk.choices[0].delta.content or "" for chunk in rest]
    assert words == [" is", " the", " capital.", ""]
    assert rest[-1].choices[0].finish_reason == "stop"
    assert last.usage is not None
    assert last.usage.completion_tokens == 4


def test_log_probabilities_come_with_the_tokens(client: OpenAI, engine_server: EngineServer) -> None:
    engine_server.upstream.follow(lambda body: Says(TEXT))
    choice = client.chat.completions.create(model=MODEL, messages=QUESTION, logprobs=True, top_logprobs=1).choices[0]
    assert choice.logprobs is not None
    assert choice.logprobs.content is not None
    first = choice.logprobs.content[0]
    assert (first.token, first.logprob) == ("Kathmandu", -0.125)
    assert [(top.token, top.logprob) for top in first.top_logprobs] == [("other", -3.5)]


def test_structured_output_is_parsed(client: OpenAI, engine_server: EngineServer) -> None:
    engine_server.upstream.follow(lambda body: Says(json.dumps({"name": "Kathmandu", "country": "Nepal"})))
    completion = client.chat.completions.parse(model=MODEL, messages=QUESTION, response_format=City)
    assert completion.choices[0].message.parsed == City(name="Kathmandu", country="Nepal")
    (asked,) = engine_server.upstream.asked
    sent = asked.body["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert sent["schema"]["required"] == ["name", "country"]


@pytest.mark.parametrize("streamed", [False, True])
def test_calls_of_tools_are_parsed(client: OpenAI, engine_server: EngineServer, streamed: bool) -> None:
    arguments = {"name": "Kathmandu", "country": "Nepal"}
    engine_server.upstream.follow(lambda body: Says(calls=(Call("City", arguments), Call("City", arguments))))
    asked: Any = {"model": MODEL, "messages": QUESTION, "tools": [pydantic_function_tool(City)]}
    if streamed:
        with client.chat.completions.stream(**asked) as stream:
            completion = stream.get_final_completion()
    else:
        completion = client.chat.completions.parse(**asked)
    calls = completion.choices[0].message.tool_calls or []
    assert [call.id for call in calls] == ["call_City_0", "call_City_1"]
    assert [call.function.parsed_arguments for call in calls] == [City(**arguments)] * 2
    assert engine_server.upstream.asked[0].body["tools"] == json.loads(json.dumps(asked["tools"]))


def test_embeddings_of_an_engine_are_the_same_as_base64_and_as_floats(client: OpenAI) -> None:
    texts = ["The rent is due on Monday.", "Payment is owed."]
    default = client.embeddings.create(model=EMBEDDING_MODEL, input=texts)  # the SDK asks for base64 by itself
    floats = client.embeddings.create(model=EMBEDDING_MODEL, input=texts, encoding_format="float")
    assert [item.embedding for item in default.data] == [list(EMBEDDING)] * 2
    assert [item.embedding for item in floats.data] == [list(EMBEDDING)] * 2


def test_the_models_of_the_engine_are_listed_beside_our_own(client: OpenAI) -> None:
    listed = {model.id: model.owned_by for model in client.models.list()}
    assert listed[MODEL] == listed[EMBEDDING_MODEL] == "guide"
    assert listed["touchstone/verify"] == "touchstone"
    assert client.models.retrieve(MODEL).owned_by == "guide"


def test_an_answer_comes_with_its_verification_if_asked_for(client: OpenAI, engine_server: EngineServer) -> None:
    engine_server.upstream.follow(lambda body: Says("The Eiffel Tower is in Rome."))
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Where is the Eiffel Tower?"}]
    completion = client.chat.completions.create(model=MODEL, messages=messages, extra_body={"verify": True})
    assert completion.choices[0].message.content == "The Eiffel Tower is in Rome."
    assert completion.model_extra is not None
    assert completion.model_extra["verification"]["is_hallucination"] is True
    (asked,) = engine_server.upstream.asked
    assert set(asked.body) == {"model", "messages"}  # the field is ours, and some engines refuse what they do not know


def test_an_engine_that_went_away_is_an_error_that_says_so(tmp_path: Path) -> None:
    with ExitStack() as upstreams, ExitStack() as servers:
        upstream = upstreams.enter_context(upstream_serving(ENGINE_KEY))
        upstream.follow(lambda body: Says(TEXT))
        url = servers.enter_context(serving(tmp_path, "--engine-url", f"{upstream.url}/v1", "--engine-key", ENGINE_KEY))
        client = servers.enter_context(OpenAI(api_key="any", base_url=f"{url}/v1", max_retries=0))
        assert client.chat.completions.create(model=MODEL, messages=QUESTION).choices[0].message.content == TEXT
        upstreams.close()
        with pytest.raises(InternalServerError) as refused:
            client.chat.completions.create(model=MODEL, messages=QUESTION)
    assert (refused.value.status_code, refused.value.code) == (503, "engine_unavailable")
    assert upstream.url in refused.value.message
    assert int(refused.value.response.headers["retry-after"]) >= 1
