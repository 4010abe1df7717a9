"""`POST /v1/embeddings`, in OpenAI's shapes."""

import array
import asyncio
import base64
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from harness import ClientOf
from starlette.testclient import TestClient

from inference.admission import Admission
from inference.encoder.embedder import Embedder
from inference.errors import DeadlineExceeded, Overloaded
from server.house import build_house
from server.settings import Settings
from tools.embed import TextEmbedding

PATH = "/v1/embeddings"
LIMIT_S = 60.0
MODEL = "touchstone/all-minilm-l6-v2"
ASK: dict[str, Any] = {"model": MODEL, "input": "The rent is due on the first day of each month."}


@pytest.fixture
def client(standing: Callable[..., TestClient]) -> TestClient:
    return standing()


def embed(client: TestClient, texts: str | list[str], **more: Any) -> list[list[float]]:
    answer = client.post(PATH, json={"model": MODEL, "input": texts} | more)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert [item["index"] for item in data] == list(range(len(data)))
    return [item["embedding"] for item in data]


def product(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_a_text_becomes_a_direction_of_length_one(client: TestClient) -> None:
    body = client.post(PATH, json=ASK).json()
    assert (body["object"], body["model"], body["data"][0]["object"]) == ("list", MODEL, "embedding")
    embedding = body["data"][0]["embedding"]
    assert len(embedding) == 384
    assert product(embedding, embedding) == pytest.approx(1, abs=1e-5)


def test_a_paraphrase_is_nearer_than_an_unrelated_text(client: TestClient) -> None:
    one, other, unrelated = embed(
        client, ["The film was dreadful.", "It is a terrible movie.", "Copper conducts electricity."]
    )
    assert product(one, other) > product(one, unrelated) + 0.3


def test_texts_keep_their_order_and_their_bits_in_a_long_list(client: TestClient) -> None:
    texts = [f"Room {number} is on floor {number % 7}." for number in range(40)]
    together = embed(client, texts)
    assert [embed(client, text)[0] for text in texts[::13]] == together[::13]


def test_base64_holds_the_same_floats(client: TestClient) -> None:
    plain = embed(client, ["one", "two"], encoding_format="float")
    coded = embed(client, ["one", "two"], encoding_format="base64")
    floats = [array.array("f", base64.b64decode(str(text))).tolist() for text in coded]
    assert [array.array("f", row).tolist() for row in plain] == floats


def test_tokens_are_those_of_the_models_tokenizer(client: TestClient) -> None:
    usage = client.post(PATH, json=ASK | {"input": ["unbelievable", "a b c"]}).json()["usage"]
    assert usage == {"prompt_tokens": 3 + 5, "total_tokens": 3 + 5}  # two of each text mark its ends


@pytest.mark.parametrize(
    ("change", "status", "param", "words"),
    [
        ({"input": ""}, 400, "input", ["empty"]),
        ({"input": ["a", ""]}, 400, "input.1", ["empty"]),
        ({"input": []}, 400, "input", ["no text"]),
        ({"input": None}, 400, "input", ["string or a list of strings"]),
        ({"input": ["a", None]}, 400, "input", ["string or a list of strings"]),
        ({"input": [1, 2, 3]}, 400, "input", ["text only", "token ids"]),
        ({"input": [[1, 2], [3]]}, 400, "input", ["text only", "token ids"]),
        ({"input": "word " * 255}, 413, "input", ["257 tokens", "256"]),
        ({"input": ["a", "word " * 300]}, 413, "input.1", ["302 tokens", "256"]),
        ({"input": "a" * 30_000}, 413, "input", ["30,000 characters", "256 tokens"]),
        ({"input": ["a"] * 2_049}, 400, "input", ["2,049", "2,048"]),
        ({"dimensions": 256}, 400, "dimensions", ["384"]),
        ({"encoding_format": "hex"}, 400, "encoding_format", ["float", "base64"]),
        ({"model": "text-embedding-3-small"}, 404, "model", [MODEL]),
        ({"model": "klusterai/verify-reliability"}, 404, "model", [MODEL]),
    ],
)
def test_what_cannot_be_embedded_is_said_in_words(
    client: TestClient, change: dict[str, Any], status: int, param: str, words: list[str]
) -> None:
    answer = client.post(PATH, json=ASK | change)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (status, param)
    assert [word for word in words if word not in error["message"]] == []


def test_the_models_own_dimensions_may_be_named(client: TestClient) -> None:
    assert len(embed(client, "text", dimensions=384, user="someone")[0]) == 384


def test_the_model_is_listed_and_says_that_it_does_not_chat(client: TestClient) -> None:
    assert client.get(f"/v1/models/{MODEL}").json()["id"] == MODEL
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    error = client.post("/v1/chat/completions", json={"model": MODEL, "messages": messages}).json()["error"]
    assert error["code"] == "model_not_found"
    assert PATH in error["message"]


def test_a_missing_encoder_is_an_error_and_the_server_is_not_ready(client_of: ClientOf, settings: Settings) -> None:
    house = build_house(settings, embedder=Embedder(settings.data_dir / "nowhere"))
    client = client_of(settings, house)
    for answer in (client.post(PATH, json=ASK), client.get("/ready")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "encoder_unavailable")


async def test_one_request_over_the_line_is_refused() -> None:
    admission = Admission(1, 0, "requests for embeddings")
    embedding = TextEmbedding(Embedder(), admission, timeout_s=LIMIT_S)
    async with admission.enter():
        with pytest.raises(Overloaded, match="requests for embeddings"):
            await embedding.embed(["text"], "input")
    assert len((await embedding.embed(["text"], "input")).rows) == 1


async def test_a_list_that_takes_too_long_is_an_error_that_names_the_setting() -> None:
    embedding = TextEmbedding(Embedder(), Admission(1, 0), timeout_s=0.01)
    with pytest.raises(DeadlineExceeded, match="TOUCHSTONE_VERIFY_TIMEOUT_S"):
        await embedding.embed(["A sentence of some length, for this to take a while."] * 500, "input")


class HeldEmbedder(Embedder):
    """Embeds nothing before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_go_on = threading.Event(), threading.Event()

    def embed_tokens(self, tokens: Sequence[Sequence[int]]) -> Any:
        self.asked.set()
        assert self.may_go_on.wait(LIMIT_S), "nothing else went on"
        return super().embed_tokens(tokens)


async def test_other_work_goes_on_while_texts_are_embedded() -> None:
    embedder = HeldEmbedder()
    embedding = TextEmbedding(embedder, Admission(1, 0), timeout_s=2 * LIMIT_S)
    running = asyncio.create_task(embedding.embed(["A sentence of some length."] * 20, "input"))
    async with asyncio.timeout(LIMIT_S):
        while not embedder.asked.is_set():  # noqa: ASYNC110  an event of threads
            await asyncio.sleep(0.001)
    embedder.may_go_on.set()
    assert len((await running).rows) == 20
