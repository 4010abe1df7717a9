"""The settings reach the parts that they are about."""

from pathlib import Path
from typing import Any

import pytest
from harness import ClientOf, RunningUpstream

from inference.engine.engine import Engine, EngineRequest
from inference.judges.cross_encoder.model import ShippedModel
from inference.judges.scripted import ScriptedJudge
from inference.verdict import Judgement, Label
from server.house import build_house, open_house
from server.settings import Settings


def settings_with(tmp_path: Path, **values: Any) -> Settings:
    return Settings(**({"data_dir": tmp_path / "data", "web_search": False} | values))


@pytest.mark.parametrize(
    ("values", "sources"),
    [
        ({}, ["your corpus", "the starter corpus"]),
        ({"web_search": True}, ["your corpus", "the starter corpus", "web search"]),
        ({"starter_corpus": False}, ["your corpus"]),
    ],
)
def test_sources_are_those_that_are_switched_on(tmp_path: Path, values: dict[str, bool], sources: list[str]) -> None:
    assert [source.name for source in build_house(settings_with(tmp_path, **values)).verifier.retrievers] == sources


@pytest.mark.parametrize(
    ("values", "verifications"),
    [
        ({}, 4),
        ({"judge_model": "cpu"}, 4),
        ({"judge_model": "m", "engine_url": ("http://127.0.0.1:1",)}, 32),
        ({"judge_model": "m", "engine_url": ("http://127.0.0.1:1",), "running_max": 6}, 6),
        ({"running_max": 64}, 64),
    ],
)
def test_how_many_verifications_run_at_once_is_by_the_judge_where_nobody_says_it(
    tmp_path: Path, values: dict[str, Any], verifications: int
) -> None:
    house = build_house(settings_with(tmp_path, **values))
    assert house.verifier.admission.batch_max == verifications - 1, "one is left to live requests"


def test_only_the_built_in_judge_is_kept_from_other_languages(client_of: ClientOf, tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    claim = "Der Turm steht seit 1889 in der Stadt Paris."
    polyglot = ScriptedJudge({claim: Judgement(Label.NOT_ENOUGH_EVIDENCE, 0.3, "Read, and open.")})
    ask = {"prompt": "Tell me about the tower.", "output": claim}
    of_house = client_of(settings).post("/v1/verify/reliability", json=ask).json()
    of_polyglot = client_of(settings, build_house(settings, judge=polyglot)).post("/v1/verify/reliability", json=ask)
    assert (of_house["score"], of_house["judge"], of_polyglot.json()["score"]) == (None, ShippedModel().name, 0.3)


@pytest.mark.parametrize(
    ("keys", "sent"), [((), [None, None]), (("k",), ["Bearer k", "Bearer k"]), (("a", "b"), ["Bearer a", "Bearer b"])]
)
def test_each_engine_gets_its_own_key_or_the_one_for_all(
    client_of: ClientOf, tmp_path: Path, keys: tuple[str, ...], sent: list[str | None]
) -> None:
    engines = [RunningUpstream(), RunningUpstream()]
    urls = tuple(engine.url for engine in engines)
    house = build_house(settings_with(tmp_path, engine_url=urls, engine_key=keys))
    assert [engine.name for engine in house.engines.all] == [f"{url}/v1" for url in urls]
    client = client_of(house.settings, house)
    assert client.portal is not None
    for engine in house.engines.all:
        client.portal.call(tokenize, engine)
    assert [engine.last.headers.get("authorization") for engine in engines] == sent
    for running in engines:
        running.stop()


async def tokenize(engine: Engine) -> None:
    async with engine.open(EngineRequest("/tokenize", b'{"prompt": "a"}')) as reply:
        await reply.read()


async def test_the_log_names_engines_that_texts_leave_this_network_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "touchstone")
    urls = ("http://127.0.0.1:9", "https://api.example.com/v1")
    async with open_house(build_house(Settings(data_dir=tmp_path, web_search=False, engine_url=urls))):
        pass
    said = [line for line in caplog.messages if line.startswith("engine_remote ")]
    assert len(said) == 1
    assert "https://api.example.com/v1" in said[0]


def test_building_writes_nothing(tmp_path: Path) -> None:
    build_house(settings_with(tmp_path))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("setting", "field"),
    [("prompt_chars_max", "prompt"), ("response_chars_max", "output"), ("document_chars_max", "context")],
)
def test_a_text_over_its_limit_names_limit_and_setting(
    client_of: ClientOf, tmp_path: Path, setting: str, field: str
) -> None:
    client = client_of(settings_with(tmp_path, **{setting: 50}))
    ask = {"prompt": "Colour?", "output": "The door is red.", "context": "The door is red."}
    answer = client.post("/v1/verify/reliability", json=ask | {field: "x" * 51})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (413, "too_large", field)
    assert "50" in error["message"]
    assert f"TOUCHSTONE_{setting.upper()}" in error["message"]


def test_no_more_passages_are_found_than_asked_for(client_of: ClientOf, tmp_path: Path) -> None:
    client = client_of(settings_with(tmp_path, passages_per_claim=2))
    ask = {"prompt": "Where is Paris?", "output": "Paris is in France.", "return_search_results": True}
    assert len(client.post("/v1/verify/reliability", json=ask).json()["search_results"]) <= 2


def test_without_any_source_there_is_no_verdict(client_of: ClientOf, tmp_path: Path) -> None:
    client = client_of(settings_with(tmp_path, starter_corpus=False))
    answer = client.post("/v1/verify/reliability", json={"prompt": "Colour?", "output": "The door is red."})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "evidence_unavailable")
    assert "corpus add" in answer.json()["error"]["message"]
