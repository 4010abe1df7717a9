"""The setting `cpu_judge` puts another model into the judge's seat, for the server and for the command line."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import ClientOf, RunningServer
from typer.testing import CliRunner

from inference.errors import SettingsError
from server.cli import app
from server.house import build_house, open_house
from server.settings import Settings, load_settings
from tests.inference.judges.tiny_models import write_model
from tests.robustness.waiting import wait_until

ASK = {"prompt": "What is said?", "output": "The old tower says nothing.", "context": "It agrees with this."}


def settings_with(tmp_path: Path, cpu_judge: str) -> Settings:
    return Settings(data_dir=tmp_path / "data", web_search=False, cpu_judge=cpu_judge)


def test_the_named_model_judges_and_gives_its_name(client_of: ClientOf, tmp_path: Path) -> None:
    client = client_of(settings_with(tmp_path, str(write_model(tmp_path / "tiny-nli"))))
    assert client.get("/ready").json()["judge"] == "tiny-nli"
    body = client.post("/v1/verify/reliability", json=ASK).json()
    assert (body["judge"], body["verdict"]) == ("tiny-nli", "supported")


@pytest.mark.parametrize("spoilt", ["", "nan"])
def test_a_judge_that_cannot_work_makes_the_server_not_ready_and_no_verdict(
    client_of: ClientOf, tmp_path: Path, spoilt: str
) -> None:
    folder = write_model(tmp_path / "tiny", spoilt=spoilt)
    if not spoilt:
        (folder / "tokenizer.json").unlink()
    client = client_of(settings_with(tmp_path, str(folder)))
    expected = (502, "judge_unreadable") if spoilt else (503, "judge_unavailable")
    for answer in (client.get("/ready"), client.post("/v1/verify/reliability", json=ASK)):
        assert (answer.status_code, answer.json()["error"]["code"]) == expected
    assert client.get("/health").status_code == 200


def test_the_server_loads_the_judge_at_its_start(tmp_path: Path, start_server: Callable[..., RunningServer]) -> None:
    server = start_server("--cpu-judge", str(write_model(tmp_path / "tiny-nli")))
    with server.client() as client:
        assert client.get("/ready").status_code == 200
    wait_until(lambda: "judge_loaded judge=tiny-nli" in server.log(), "it says so")


def run(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    clean = {name: None for name in os.environ if name.startswith("TOUCHSTONE_")}
    kept = {"TOUCHSTONE_DATA_DIR": str(tmp_path / "data"), "TOUCHSTONE_WEB_SEARCH": "false"} | environment
    answer = CliRunner().invoke(app, arguments, env=clean | kept)
    return answer.exit_code, answer.stdout, answer.stderr.replace("\n", " ")


def test_a_start_without_the_folder_ends_at_once_and_says_what_to_name(tmp_path: Path) -> None:
    code, _, said = run(tmp_path, "serve", "--port", "0", "--cpu-judge", str(tmp_path / "nowhere"))
    assert code == 2
    assert "nowhere" in said
    assert "does not exist" in said


def test_a_verification_in_the_terminal_takes_the_model_from_the_environment(tmp_path: Path) -> None:
    document = tmp_path / "said.txt"
    document.write_text(ASK["context"])
    command = ("verify-document", str(document), ASK["prompt"], ASK["output"], "--json")
    code, out, _ = run(tmp_path, *command, TOUCHSTONE_CPU_JUDGE=str(write_model(tmp_path / "tiny-nli")))
    assert (code, json.loads(out)["judge"]) == (0, "tiny-nli")
    code, _, said = run(tmp_path, *command, TOUCHSTONE_CPU_JUDGE=str(tmp_path / "nowhere"))
    assert (code, "nowhere" in said) == (2, True)


@pytest.mark.parametrize("value", ["hub:", "hub:only-a-name", "hub:a/../b"])
def test_a_name_that_is_none_stops_the_start_before_anything_is_asked(value: str) -> None:
    with pytest.raises(SettingsError, match=r"cpu_judge.*--cpu-judge.*hub:ORG/NAME"):
        load_settings({"cpu_judge": value}, {})


def test_the_file_may_name_the_model(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text('cpu_judge = "hub:some-org/nli-model@v1"')
    assert load_settings({}, {}, file).cpu_judge == "hub:some-org/nli-model@v1"


@pytest.mark.anyio
async def test_building_and_opening_reads_and_downloads_nothing(tmp_path: Path) -> None:
    house = build_house(settings_with(tmp_path, "hub:some-org/nli-model"))
    async with open_house(house):
        assert house.verifier.judge.name == "some-org/nli-model"
    assert not (tmp_path / "data").exists()
