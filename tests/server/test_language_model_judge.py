"""The setting `judge_model` has a model of an engine judge, for REST and the command line."""

import logging
import os
from pathlib import Path
from typing import Any

import pytest
from harness import ClientOf
from starlette.testclient import TestClient
from typer.testing import CliRunner

from inference.engine.engines import Engines
from inference.judges.cross_encoder.model import ShippedModel
from inference.prompts.prompt import load_prompt
from inference.testing.judge_answers import Said, honest_judge, judges
from inference.testing.scripted_engine import MODEL, Script, ScriptedEngine
from inference.testing.scripted_reply import says
from server.cli import app
from server.house import build_house
from server.settings import ENV_PREFIX, Settings

DOCUMENT = "The Marlow bridge was opened in 1937. It was designed by Ada Stone."
PROMPT = "When was the Marlow bridge opened?"
ASK = {"prompt": PROMPT, "output": "The Marlow bridge was opened in 1937.", "context": DOCUMENT}
FALSE = ASK | {"output": "The Marlow bridge was opened in 1951."}


def house_client(client_of: ClientOf, tmp_path: Path, engine: ScriptedEngine, **values: Any) -> TestClient:
    settings = Settings(**({"data_dir": tmp_path / "data", "web_search": False, "judge_model": MODEL} | values))
    return client_of(settings, build_house(settings, engines=Engines([engine])))


@pytest.fixture
def judged_by(client_of: ClientOf, tmp_path: Path) -> Any:
    def make(script: Script | ScriptedEngine, **values: Any) -> TestClient:
        engine = script if isinstance(script, ScriptedEngine) else ScriptedEngine(script)
        return house_client(client_of, tmp_path, engine, **values)

    return make


def answers_counted(client: TestClient) -> dict[str, float]:
    lines = [
        line for line in client.get("/metrics").text.splitlines() if line.startswith("touchstone_judge_answers_total")
    ]
    return {line.split('outcome="')[1].split('"')[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


def test_a_verification_says_who_judged_with_which_prompt(judged_by: Any) -> None:
    client = judged_by(honest_judge)
    body = client.post("/v1/verify/reliability", json=ASK).json()
    assert (body["verdict"], body["judge"]) == ("supported", MODEL)
    assert body["score"] == pytest.approx(0.9)
    assert body["provenance"] == {
        "judge": "language-model",
        "model": MODEL,
        "prompt": load_prompt("judge").sha256,
    }
    assert body["claims"][0]["evidence"][0]["quote"] == ASK["output"]
    assert body["usage"]["prompt_tokens"] == 100
    assert client.get("/ready").json()["judge"] == MODEL


def test_a_false_answer_is_refuted_and_answers_are_counted(judged_by: Any) -> None:
    client = judged_by(honest_judge)
    body = client.post("/v1/verify/reliability", json=FALSE).json()
    assert (body["verdict"], body["is_hallucination"]) == ("refuted", True)
    assert answers_counted(client) == {"read": 1}


def test_answers_that_cannot_be_read_are_an_error_and_are_counted(judged_by: Any) -> None:
    client = judged_by(lambda heard: says("Supported!"))
    answer = client.post("/v1/verify/reliability", json=ASK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "judge_unreadable")
    assert answers_counted(client) == {"retried": 1, "unreadable": 1}


def test_an_engine_that_is_down_is_worth_a_retry_and_the_server_not_ready(judged_by: Any) -> None:
    client = judged_by(ScriptedEngine(honest_judge, down=True))
    answer = client.post("/v1/verify/reliability", json=ASK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "judge_unavailable")
    assert answer.headers["retry-after"]
    assert client.get("/ready").status_code == 503


def test_a_model_that_nobody_serves_is_named(judged_by: Any) -> None:
    client = judged_by(honest_judge, judge_model="nobody/knows-it")
    answer = client.post("/v1/verify/reliability", json=ASK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "judge_unavailable")
    assert "nobody/knows-it" in answer.json()["error"]["message"]


def test_what_does_not_fit_says_how_much_it_takes(judged_by: Any) -> None:
    hosted = ScriptedEngine(honest_judge, served=[{"id": MODEL, "object": "model", "owned_by": "somebody"}])
    client = judged_by(hosted, engine_context_tokens=512)
    answer = client.post("/v1/verify/reliability", json=ASK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "judge_error")
    assert "TOUCHSTONE_ENGINE_CONTEXT_TOKENS" in answer.json()["error"]["message"]


def test_a_claim_in_another_language_is_judged(judged_by: Any) -> None:
    client = judged_by(honest_judge)
    text = "Die Brücke von Marlow wurde im Jahr 1937 eröffnet."
    body = client.post("/v1/verify/reliability", json={"prompt": "Erzähl!", "output": text, "context": text}).json()
    assert (body["verdict"], body["score"]) == ("supported", pytest.approx(0.9))


def test_a_claim_is_shown_with_the_name_that_the_judge_put_for_a_pronoun(judged_by: Any) -> None:
    said = Said(
        "supported", [("p1", "designed by Ada Stone")], statement="The Marlow bridge was designed by Ada Stone."
    )
    client = judged_by([judges(said)])
    body = client.post("/v1/verify/reliability", json=ASK | {"output": "It was designed by Ada Stone."}).json()
    claim = body["claims"][0]
    assert claim["text"] == said.statement
    assert (claim["start"], claim["end"]) == (0, len("It was designed by Ada Stone."))


@pytest.mark.parametrize(
    ("values", "judge"),
    [
        ({"judge_model": "cpu"}, ShippedModel().name),
        ({"judge_model": ""}, ShippedModel().name),
        ({"judge_model": "", "model": "other=some/folder,second"}, "other"),
        ({"judge_model": "cpu", "model": "other"}, ShippedModel().name),
        ({"judge_model": MODEL, "model": "other"}, MODEL),
    ],
)
def test_who_judges_is_who_is_named_else_the_first_model_else_the_cpu(
    tmp_path: Path, values: dict[str, str], judge: str
) -> None:
    settings = Settings(data_dir=tmp_path / "data", **values)  # type: ignore[arg-type]  # texts, as flags give them
    assert build_house(settings, engines=Engines([ScriptedEngine([])])).verifier.judge.name == judge


def test_an_engine_without_a_judge_among_its_models_is_said_once(
    client_of: ClientOf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "touchstone")
    engine = ScriptedEngine([])
    client = house_client(client_of, tmp_path, engine, judge_model="", engine_url=("http://127.0.0.1:9",))
    assert client.get("/health").status_code == 200
    assert len([line for line in caplog.messages if "--judge-model" in line]) == 1


def test_the_command_line_takes_the_judge_of_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(ENV_PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TOUCHSTONE_DATA_DIR", str(tmp_path / "data"))
    command = ["verify", "--no-web-search", "--judge-model", "nobody/knows-it", PROMPT, str(ASK["output"])]
    answer = CliRunner().invoke(app, command)
    assert answer.exit_code == 2
    assert "nobody/knows-it" in " ".join(answer.output.split())
