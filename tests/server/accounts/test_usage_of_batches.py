"""What the lines of a batch use is counted for the key that made the batch, each line under the model that it asks."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import RunningServer, RunningUpstream

from inference.usage.used import NOTHING, Used
from server.wire.verification import VERIFY_ALIAS, VERIFY_MODEL
from tests.robustness.command_line import touchstone
from tests.server.accounts.keys_made import by_key_and_model, make_keys, url_of
from tests.server.batch_life import CHAT, EMBEDDINGS, VERIFY, Line, ended, line, openai_of, results, submit
from tools.embed import MODEL as EMBEDDER

pytestmark = pytest.mark.process

QUESTION = "Where is the Eiffel Tower?"
FALSE = "The Eiffel Tower is located in Rome."
SENT = {"role": "user", "content": QUESTION}
VERIFIED = [SENT, {"role": "assistant", "content": FALSE}]


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningUpstream]:
    running = RunningUpstream({QUESTION: FALSE})
    yield running
    running.stop()


def chats() -> list[Line]:
    bodies = [
        {"model": "echo", "messages": [SENT]},
        {"model": "tools", "messages": [SENT]},
        {"model": "echo", "messages": [SENT], "verify": True},
        {"model": VERIFY_ALIAS, "messages": VERIFIED},
        {"model": VERIFY_MODEL, "messages": [SENT]},  # nothing to verify: a 400, of a model that is here
        {"model": "narrow", "messages": [SENT]},  # a 400 of the engine's
        {"model": "nothing", "messages": [SENT]},  # a 404: nobody was asked
    ]
    return [line(f"line-{number}", body) for number, body in enumerate(bodies)]


def used_by(rows: dict[str, dict[str, dict[str, dict[str, int]]]], *ids: str) -> Used:
    usages = [rows[name]["response"]["body"]["usage"] for name in ids]
    return sum((Used(1, each["prompt_tokens"], each.get("completion_tokens", 0)) for each in usages), NOTHING)


def test_each_line_counts_under_its_model_for_the_key_of_its_batch(
    start_server: Callable[..., RunningServer], upstream: RunningUpstream, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    mine, other = make_keys(url_of(data), "mine", "other").values()
    server = start_server(
        "--require-keys", "--engine-url", upstream.url, data_dir=data, TOUCHSTONE_BATCH_MIXED_MODELS="true"
    )
    asked = {"prompt": QUESTION, "output": FALSE, "context": "The Eiffel Tower is in Paris."}
    verifications = [line("v-1", asked, VERIFY), line("v-2", asked | {"model": VERIFY_ALIAS}, VERIFY)]
    embeddings = [line("e-1", {"model": EMBEDDER, "input": "a text"}, EMBEDDINGS)]
    with openai_of(server, mine.text) as client, openai_of(server, other.text) as another:
        done = ended(client, submit(client, chats()).id)
        rows, failed = results(client, done.output_file_id), results(client, done.error_file_id)
        of_verify = results(client, ended(client, submit(client, verifications, VERIFY).id).output_file_id)
        of_other = results(another, ended(another, submit(another, embeddings, EMBEDDINGS).id).output_file_id)
    assert set(failed) == {"line-4", "line-5", "line-6"}
    beside = rows["line-2"]["response"]["body"]["verification"]["usage"]
    assert by_key_and_model(url_of(data)) == {
        (mine.id, "echo"): used_by(rows, "line-0", "line-2"),
        (mine.id, "tools"): used_by(rows, "line-1"),
        (mine.id, VERIFY_MODEL): used_by(rows, "line-3")
        + Used(0, beside["prompt_tokens"], beside["completion_tokens"])
        + Used(1)
        + used_by(of_verify, "v-1", "v-2"),
        (mine.id, "narrow"): Used(1),
        (other.id, EMBEDDER): used_by(of_other, "e-1"),
    }


def test_a_batch_of_the_command_line_counts_for_this_machine(upstream: RunningUpstream, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text("".join(json.dumps(line(f"r{n}", {"model": "echo", "messages": [SENT]})) + "\n" for n in range(3)))
    data = tmp_path / "data"
    done = touchstone(data, "batch", "run", str(file), "--endpoint", CHAT, TOUCHSTONE_ENGINE_URL=upstream.url)
    assert done.returncode == 0, done.stderr
    assert by_key_and_model(url_of(data)) == {("local", "echo"): Used(3, 9, 3 * len(FALSE.split()))}


def test_the_batches_of_a_server_are_in_its_figures(
    start_server: Callable[..., RunningServer], upstream: RunningUpstream
) -> None:
    server = start_server("--engine-url", upstream.url)
    with openai_of(server) as client:
        ended(client, submit(client, [line(f"r{n}", {"model": "echo", "messages": [SENT]}) for n in range(3)]).id)
    with server.client() as http:
        figures = http.get("/metrics").text
    assert 'touchstone_usage_requests_total{key="local",model="echo"} 3.0' in figures
    assert 'touchstone_usage_tokens_total{key="local",kind="input",model="echo"} 9.0' in figures
