"""The OpenAI SDK: verification through chat completions, embeddings, and the list of models."""

import json
from collections.abc import Iterator

import pytest
from openai import APIStatusError, AuthenticationError, BadRequestError, NotFoundError, OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionStreamOptionsParam

from tests.clients.conftest import KeyedServer

MODEL = "klusterai/verify-reliability"
EMBEDDING_MODEL = "touchstone/all-minilm-l6-v2"
CONVERSATION: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "You are a knowledgeable assistant."},
    {"role": "user", "content": "Where is the Eiffel Tower?"},
    {"role": "assistant", "content": "The Eiffel Tower is located in Rome."},
]
RESULT_FIELDS = {"is_hallucination", "usage", "explanation", "search_results"}


@pytest.fixture(scope="module")
def client(keyed_server: KeyedServer) -> Iterator[OpenAI]:
    with OpenAI(api_key=keyed_server.key, base_url=f"{keyed_server.url}/v1", max_retries=0) as client:
        yield client


@pytest.mark.parametrize("model", [MODEL, "touchstone/verify"])
def test_a_conversation_is_verified(client: OpenAI, model: str) -> None:
    completion = client.chat.completions.create(model=model, messages=CONVERSATION)
    body = json.loads(completion.choices[0].message.content or "")
    assert set(body) >= RESULT_FIELDS
    assert body["is_hallucination"] is True
    assert completion.model == model
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.model_dump(include={"prompt_tokens", "completion_tokens", "total_tokens"}) == body["usage"]


def test_search_results_come_if_asked_for(client: OpenAI) -> None:
    asked = {"return_search_results": True}
    completion = client.chat.completions.create(model=MODEL, messages=CONVERSATION, extra_body=asked)
    results = json.loads(completion.choices[0].message.content or "")["search_results"]
    assert results
    assert all(set(result) == {"title", "snippet", "link"} for result in results)


def test_a_stream_puts_together_to_the_same(client: OpenAI) -> None:
    plain = client.chat.completions.create(model=MODEL, messages=CONVERSATION).choices[0].message.content
    with client.chat.completions.create(model=MODEL, messages=CONVERSATION, stream=True) as stream:
        chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == plain
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(chunk.usage is None for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_ends_with_the_usage_if_asked_for(client: OpenAI) -> None:
    options: ChatCompletionStreamOptionsParam = {"include_usage": True}
    with client.chat.completions.create(
        model=MODEL, messages=CONVERSATION, stream=True, stream_options=options
    ) as stream:
        *chunks, last = list(stream)
    assert all(chunk.usage is None for chunk in chunks)
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.total_tokens == last.usage.prompt_tokens + last.usage.completion_tokens > 0


def test_the_stream_helper_of_the_sdk_works(client: OpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, messages=CONVERSATION) as stream:
        completion = stream.get_final_completion()
    assert json.loads(completion.choices[0].message.content or "")["is_hallucination"] is True


def test_models_are_listed_and_retrieved(client: OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert MODEL in names
    assert [client.models.retrieve(name).id for name in names] == names


def test_texts_are_embedded_as_base64_and_as_floats(client: OpenAI) -> None:
    texts = ["The rent is due on Monday.", "Payment for the flat is owed at the start of the week."]
    default = client.embeddings.create(model=EMBEDDING_MODEL, input=texts)  # the SDK asks for base64 by itself
    floats = client.embeddings.create(model=EMBEDDING_MODEL, input=texts, encoding_format="float")
    assert [len(item.embedding) for item in default.data] == [384, 384]
    for one, other in zip(default.data, floats.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-7)
    assert default.usage == floats.usage
    assert default.usage.total_tokens == default.usage.prompt_tokens > 20


def test_what_cannot_be_embedded_is_refused_in_words(client: OpenAI) -> None:
    with pytest.raises(BadRequestError) as refused:
        client.embeddings.create(model=EMBEDDING_MODEL, input=[[1, 2, 3]])
    assert_says(refused.value, "invalid_input", "text only")
    with pytest.raises(APIStatusError) as too_long:
        client.embeddings.create(model=EMBEDDING_MODEL, input="word " * 300)
    assert_says(too_long.value, "too_large", "256 tokens")
    with pytest.raises(NotFoundError) as unknown:
        client.embeddings.create(model="text-embedding-3-small", input="text")
    assert_says(unknown.value, "model_not_found", EMBEDDING_MODEL)


@pytest.mark.parametrize("model", ["gpt-5", "deepseek-ai/DeepSeek-R1"])
def test_an_unknown_model_is_answered_with_the_known_ones(client: OpenAI, model: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.chat.completions.create(model=model, messages=CONVERSATION)
    assert_says(caught.value, "model_not_found", model, MODEL)
    with pytest.raises(NotFoundError) as caught:
        client.models.retrieve(model)
    assert_says(caught.value, "model_not_found", model, MODEL)


def test_a_conversation_without_an_answer_is_refused_in_words(client: OpenAI) -> None:
    with pytest.raises(BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=CONVERSATION[:2])
    assert_says(caught.value, "invalid_input", "assistant")


def test_a_wrong_key_is_an_authentication_error(keyed_server: KeyedServer) -> None:
    client = OpenAI(api_key="wrong", base_url=f"{keyed_server.url}/v1", max_retries=0)
    with client, pytest.raises(AuthenticationError) as caught:
        client.models.list()
    assert_says(caught.value, "invalid_api_key", "not known here")


def assert_says(error: APIStatusError, code: str, *words: str) -> None:
    """The SDK shows the server's own message, which is lost if the error has another shape than OpenAI's."""
    assert error.code == code
    for word in words:
        assert word in error.message
