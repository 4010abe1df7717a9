"""Batches from end to end with OpenAI's client, against a real server and an engine without a model."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness import RunningServer, RunningUpstream
from openai import BadRequestError, NotFoundError, OpenAI

from tests.server.batch_life import (
    EMBEDDINGS,
    VERIFY,
    answered,
    chat,
    chats,
    ended,
    line,
    openai_of,
    results,
    some_answered,
    submit,
    text_of,
    upload,
    wait_for,
)

pytestmark = pytest.mark.process

KEYS = ("one-3f9c41d27ab8e605", "other-c07e58a1946d2bf3", "third-81d4b6f20e97ac35")
DOCUMENT = "The tower was built by Eiffel. It opened in 1889."
Start = Callable[..., RunningServer]


@pytest.fixture(scope="module")
def server(upstream: RunningUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    data_dir = tmp_path_factory.mktemp("batches") / "data"
    running = RunningServer(data_dir, "--engine-url", upstream.url, TOUCHSTONE_BATCH_LINES_RUNNING_MAX="4")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def locked(upstream: RunningUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with keys, each of which begins without batches."""
    data_dir = tmp_path_factory.mktemp("locked") / "data"
    running = RunningServer(data_dir, "--engine-url", upstream.url, TOUCHSTONE_API_KEYS=",".join(KEYS))
    yield running
    running.stop()


@pytest.fixture
def client(server: RunningServer) -> Iterator[OpenAI]:
    with openai_of(server) as client:
        yield client


def test_every_line_is_answered_once_and_the_batch_tells_how_it_went(client: OpenAI) -> None:
    before = int(time.time())
    made = submit(client, chats(25), metadata={"data_set": "answers of May"})
    assert made.status == "validating"
    assert made.object == "batch"
    assert made.expires_at == made.created_at + 24 * 3600
    batch = ended(client, made.id)
    assert batch.status == "completed"
    assert batch.metadata == {"data_set": "answers of May"}
    assert batch.model == "echo"
    assert batch.errors is None
    assert batch.error_file_id is None
    assert batch.request_counts is not None
    assert batch.request_counts.to_dict() == {"total": 25, "completed": 25, "failed": 0}
    times = [batch.created_at, batch.in_progress_at, batch.finalizing_at, batch.completed_at]
    assert all(isinstance(at, int) and at >= before for at in times)
    assert times == sorted(times, key=lambda at: at or 0)
    assert (batch.failed_at, batch.expired_at, batch.cancelling_at, batch.cancelled_at) == (None, None, None, None)
    answers = results(client, batch.output_file_id)
    assert {custom_id: text_of(answer) for custom_id, answer in answers.items()} == {
        f"line-{number}": f"question {number}" for number in range(25)
    }
    for answer in answers.values():
        assert answer["id"].startswith("batch_req_")
        assert answer["error"] is None
        assert answer["response"]["status_code"] == 200
        assert answer["response"]["request_id"]


def test_the_usage_is_that_of_all_answers(client: OpenAI) -> None:
    batch = ended(client, submit(client, chats(3)).id)
    answers = results(client, batch.output_file_id).values()
    usages = [answer["response"]["body"]["usage"] for answer in answers]
    assert batch.usage is not None
    assert batch.usage.input_tokens == sum(usage["prompt_tokens"] for usage in usages)
    assert batch.usage.output_tokens == sum(usage["completion_tokens"] for usage in usages)
    assert batch.usage.total_tokens == batch.usage.input_tokens + batch.usage.output_tokens
    assert batch.usage.input_tokens_details.cached_tokens == 0
    assert batch.usage.output_tokens_details.reasoning_tokens == 0


def test_files_of_input_and_output_are_listed_and_read_like_any_other(client: OpenAI) -> None:
    batch = ended(client, submit(client, chats(1)).id)
    assert batch.output_file_id is not None
    output = client.files.retrieve(batch.output_file_id)
    assert (output.purpose, output.status) == ("batch_output", "processed")
    assert output.filename.endswith(".jsonl")
    assert output.bytes == len(client.files.content(output.id).content)
    assert output.id in [file.id for file in client.files.list(purpose="batch_output")]


def test_output_files_expire_when_that_was_asked_for(client: OpenAI) -> None:
    asked: Any = {"anchor": "created_at", "seconds": 3600}
    batch = ended(client, submit(client, chats(1), output_expires_after=asked).id)
    assert batch.output_file_id is not None
    output = client.files.retrieve(batch.output_file_id)
    assert output.expires_at == output.created_at + 3600


def test_texts_are_embedded_by_the_line(client: OpenAI) -> None:
    body = {"model": "touchstone/all-minilm-l6-v2", "input": ["vitamin C and the common cold"]}
    batch = ended(client, submit(client, [line("one", body, EMBEDDINGS)], EMBEDDINGS).id)
    answer = results(client, batch.output_file_id)["one"]["response"]["body"]
    direct = client.embeddings.create(model=body["model"], input=body["input"], encoding_format="float")
    assert answer["data"][0]["embedding"] == direct.data[0].embedding


def test_a_data_set_of_answers_is_verified_by_the_line(client: OpenAI) -> None:
    lines = [
        line(name, {"prompt": "When did the tower open?", "output": output, "context": DOCUMENT}, VERIFY)
        for name, output in (("true", "The tower opened in 1889."), ("false", "The tower opened in 1923."))
    ]
    batch = ended(client, submit(client, lines, VERIFY).id)
    verdicts = {name: answer["response"]["body"] for name, answer in results(client, batch.output_file_id).items()}
    assert verdicts["true"]["verdict"] == "supported"
    assert verdicts["false"]["verdict"] == "refuted"
    assert verdicts["false"]["is_hallucination"] is True
    assert verdicts["false"]["claims"][0]["evidence"][0]["quote"] in DOCUMENT
    assert batch.usage is not None
    assert batch.usage.total_tokens > 0


def test_a_line_that_is_refused_goes_into_the_error_file_and_the_others_are_answered(client: OpenAI) -> None:
    lines = [chat("good", "hello"), chat("too-long", "hello", "narrow"), chat("unknown", "hello", "no-such-model")]
    batch = ended(client, submit(client, lines).id)
    assert batch.status == "completed"
    assert batch.model is None  # they name several
    assert batch.request_counts is not None
    assert batch.request_counts.to_dict() == {"total": 3, "completed": 1, "failed": 2}
    assert set(results(client, batch.output_file_id)) == {"good"}
    failures = results(client, batch.error_file_id)
    assert set(failures) == {"too-long", "unknown"}
    codes = {name: failure["response"]["body"]["error"]["code"] for name, failure in failures.items()}
    assert codes == {"too-long": "context_length_exceeded", "unknown": "model_not_found"}
    assert {name: failure["response"]["status_code"] for name, failure in failures.items()} == {
        "too-long": 400,
        "unknown": 404,
    }


def test_a_file_with_faults_fails_the_batch_and_says_in_which_lines(client: OpenAI) -> None:
    lines = [
        chat("one", "hello"),
        "{this is no JSON}",
        chat("one", "again"),
        {"method": "POST", "url": "/v1/chat/completions", "body": {"model": "echo", "messages": []}},
        chat("five", "hello") | {"method": "GET"},
        chat("six", "hello") | {"url": EMBEDDINGS},
    ]
    batch = ended(client, submit(client, lines).id)
    assert batch.status == "failed"
    assert batch.failed_at is not None
    assert (batch.output_file_id, batch.error_file_id) == (None, None)
    assert batch.errors is not None
    assert batch.errors.object == "list"
    faults = batch.errors.data or []
    assert [fault.line for fault in faults] == [2, 3, 4, 5, 6]
    assert all(fault.code and fault.message for fault in faults)


def test_an_empty_file_fails_the_batch(client: OpenAI) -> None:
    batch = ended(client, submit(client, [""]).id)
    assert batch.status == "failed"
    assert batch.errors is not None
    assert [fault.code for fault in batch.errors.data or []] == ["empty_file"]


def test_a_cancelled_batch_keeps_what_was_answered(start_server: Start, own_upstream: RunningUpstream) -> None:
    with openai_of(start_server("--engine-url", own_upstream.url)) as client:
        batch = submit(client, some_answered(5, 400))
        answered(client, batch.id, 5)
        told = client.batches.cancel(batch.id)
        assert told.status == "cancelling"
        assert told.cancelling_at is not None
        own_upstream.stop()  # what is being asked would be waited for
        batch = ended(client, batch.id)
        assert batch.status == "cancelled"
        assert batch.cancelled_at is not None
        assert batch.request_counts is not None
        assert (batch.request_counts.completed, batch.request_counts.total) == (5, 400)
        assert set(results(client, batch.output_file_id)) == {f"line-{number}" for number in range(5)}
        assert client.batches.cancel(batch.id).status == "cancelled"  # twice is as good as once


def test_a_batch_that_has_ended_cannot_be_cancelled(client: OpenAI) -> None:
    batch = ended(client, submit(client, chats(1)).id)
    with pytest.raises(BadRequestError) as refused:
        client.batches.cancel(batch.id)
    assert refused.value.code == "wrong_state"
    assert "completed" in refused.value.message


def test_a_batch_needs_a_file_for_batches(client: OpenAI) -> None:
    file = client.files.create(file=("notes.txt", b"hello"), purpose="user_data")
    with pytest.raises(BadRequestError) as refused:
        client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    assert refused.value.param == "input_file_id"
    assert "user_data" in refused.value.message


def test_the_list_goes_on_page_by_page_to_its_end(locked: RunningServer) -> None:
    with openai_of(locked, KEYS[2]) as client:
        file_id = upload(client, chats(1))
        made = [
            client.batches.create(input_file_id=file_id, endpoint="/v1/chat/completions", completion_window="24h").id
            for _ in range(5)
        ]
        assert [batch.id for batch in client.batches.list(limit=2)] == made[::-1]
        first = client.batches.list(limit=2).to_dict()
        assert (first["first_id"], first["last_id"], first["has_more"]) == (made[4], made[3], True)
        assert (first["count"], first["page"], first["items_per_page"]) == (2, 1, 2)
        last = client.batches.list(limit=3, after=made[3]).to_dict()
        assert (last["first_id"], last["last_id"], last["has_more"]) == (made[2], made[0], False)


def test_one_key_knows_nothing_of_the_batches_of_another(locked: RunningServer) -> None:
    with openai_of(locked, KEYS[0]) as one, openai_of(locked, KEYS[1]) as other:
        batch = ended(one, submit(one, chats(1)).id)
        assert list(other.batches.list()) == []
        never_was = "batch_000000000000000000000000"
        for ask in (other.batches.retrieve, other.batches.cancel):
            messages = []
            for batch_id in (batch.id, never_was):
                with pytest.raises(NotFoundError) as unknown:
                    ask(batch_id)
                messages.append(unknown.value.message.replace(batch_id, "ID"))
            assert messages[0] == messages[1]
        for file_id in (batch.input_file_id, batch.output_file_id):
            assert file_id is not None
            with pytest.raises(NotFoundError):
                other.files.content(file_id)
            with pytest.raises(NotFoundError):
                other.batches.create(input_file_id=file_id, endpoint="/v1/chat/completions", completion_window="24h")
        assert one.batches.retrieve(batch.id).status == "completed"


def test_a_batch_goes_on_where_it_was_when_the_server_comes_back(
    start_server: Start, own_upstream: RunningUpstream
) -> None:
    flags = ("--engine-url", own_upstream.url)
    few = {"TOUCHSTONE_BATCH_LINES_RUNNING_MAX": "20"}
    server = start_server(*flags, **few)
    data_dir = server.data_dir
    with openai_of(server) as client:
        batch = submit(client, some_answered(5, 120))
        answered(client, batch.id, 5)
    assert server.stop() == 0
    with openai_of(start_server(*flags, data_dir=data_dir, **few)) as client:
        found = client.batches.retrieve(batch.id)
        assert found.status == "in_progress"
        assert found.request_counts is not None
        assert found.request_counts.completed == 5  # what was answered was kept
        own_upstream.speak()
        batch = ended(client, batch.id)
        assert batch.status == "completed"
        assert set(results(client, batch.output_file_id)) == {f"line-{number}" for number in range(120)}


def test_a_batch_waits_where_nothing_works_off_batches(start_server: Start, upstream: RunningUpstream) -> None:
    waiting = start_server("--engine-url", upstream.url, "--executor", "none")
    with openai_of(waiting) as client:
        batch = submit(client, chats(1))
        assert client.batches.retrieve(batch.id).status == "validating"
    waiting.stop()
    with openai_of(start_server("--engine-url", upstream.url, data_dir=waiting.data_dir)) as client:
        assert wait_for(client, batch.id, "completed").output_file_id is not None
