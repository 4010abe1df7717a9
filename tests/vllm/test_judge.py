"""A real vLLM as judge. What counts is the form: bound answers, odds, errors, no guesses."""

import math
from collections.abc import AsyncIterator

import httpx
import pytest

from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.engine.http_engine import HttpEngine
from inference.engine.language_model import Ask, Turn
from inference.engine.places import Places
from tests.vllm.serving import Direct

LABELS = ("supported", "refuted", "not_enough_evidence")
TURNS = (Turn("system", "You judge claims."), Turn("user", "The bridge is grey."))
VERIFY = {
    "prompt": "What is known of the bridge?",
    "output": "The bridge is grey. It is 134 metres tall.",
    "context": "The harbour bridge is painted grey. It is 134 metres tall.",
}


@pytest.fixture
async def model(vllm: Direct) -> AsyncIterator[EngineModel]:
    engines = Engines([HttpEngine(vllm.url, vllm.key, timeout_s=60, places=Places(4))])
    yield EngineModel(engines, "tiny", 512)
    await engines.aclose()


async def test_an_answer_is_one_of_the_choices_and_each_token_has_its_odds(model: EngineModel) -> None:
    answer = await model.answer(Ask(TURNS, 40, choices=LABELS, alternatives=5))
    assert answer.text in LABELS
    assert answer.complete
    assert b"".join(token.text for token in answer.tokens).decode() == answer.text
    for token in answer.tokens:
        odds = dict(token.alternatives)
        assert token.text in odds
        assert sum(map(math.exp, odds.values())) <= 1.001


async def test_the_same_ask_gives_the_same_answer(model: EngineModel) -> None:
    ask = Ask(TURNS, 24)
    assert (await model.answer(ask)).text == (await model.answer(ask)).text


async def test_tokens_are_counted_by_the_models_own_tokenizer_and_the_context_is_its_own(model: EngineModel) -> None:
    assert await model.context_tokens() == 8192
    asked = (await model.answer(Ask(TURNS, 1))).spent.read
    assert asked <= await model.count_tokens(TURNS) <= asked + 64


def test_a_verification_is_the_models_and_never_a_guess(http: httpx.Client) -> None:
    answer = http.post("/v1/verify/reliability", json=VERIFY)
    body = answer.json()
    if answer.status_code != 200:  # noise that could not be read, twice
        assert (answer.status_code, body["error"]["code"]) == (502, "judge_unreadable")
        return
    assert body["provenance"]["model"] == "tiny"
    assert len(body["claims"]) == 2
    for claim in body["claims"]:
        assert claim["verdict"] in LABELS
        assert claim["score"] is None or 0 <= claim["score"] <= 1
        assert all(quote["quote"] in VERIFY["context"] for quote in claim["evidence"])
    assert body["is_hallucination"] is (body["verdict"] != "supported")
    assert body["usage"]["completion_tokens"] > 0


def test_it_is_ready_when_its_model_is(http: httpx.Client) -> None:
    assert http.get("/ready").json()["judge"] == "tiny"
