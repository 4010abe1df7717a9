"""The training recipe from end to end, on tiny made data: each step reads what the one before it wrote.

Needs PyTorch, which the test environment does not have: the steps run in `.venv-train`, which `make test-training`
installs. What a few seconds of training teach is not measured here; that it all fits together is.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import REPOSITORY, RunningServer

from inference.judges.cross_encoder.custom.choice import chosen_model
from inference.judges.cross_encoder.custom.model import is_own_format
from tests.recipe.made_data import DEV, TRAIN, claims_about, make_data, text_about

PYTHON = REPOSITORY / ".venv-train" / "bin" / "python"
STEP_TIMEOUT_S = 200
pytestmark = pytest.mark.timeout(300)  # seconds; the fixture runs the whole recipe


class Recipe:
    """The folders of one run, and what each step printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: dict[str, str] = {}

    def step(self, name: str, *arguments: object) -> None:
        """Runs one command of the recipe to its end."""
        command = [str(PYTHON), "-m", f"training.{name}", *map(str, arguments)]
        ran = subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, timeout=STEP_TIMEOUT_S, check=False
        )
        assert ran.returncode == 0, f"{name}: {ran.stdout[-2000:]}{ran.stderr[-4000:]}"
        self.said[name] = ran.stdout

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """All steps of `make train`, the two stages of training for seconds each."""
    assert PYTHON.exists(), "PyTorch is not installed for training: run this with make test-training"
    made = Recipe(tmp_path_factory.mktemp("recipe"))
    data, folder = make_data(made.folder / "data"), made.folder
    prepared, judge = folder / "prepared", folder / "judge"
    first, second = folder / "run" / "model.safetensors", folder / "run-more" / "model.safetensors"
    made.step("prepare", data, prepared)
    made.step("train", prepared, first.parent, "--minutes", 0.1, "--device", "cpu")
    more = ("--weights", first, "--rate-max", 3e-5, "--seed", 8)
    made.step("train", prepared, second.parent, "--minutes", 0.05, "--device", "cpu", *more)
    made.step("export", second, prepared, judge, "--loss-max", 1)
    made.step("heard", data, judge, folder / "heard.jsonl")
    made.step("calibrate", folder / "heard.jsonl", judge)
    return made


def test_sets_that_are_not_there_are_named_and_left_out(recipe: Recipe) -> None:
    said = recipe.said["prepare"]
    assert "left out" in said
    assert "pubmedqa" in said
    met = {line["source"].partition("+")[0] for line in recipe.lines("prepared/train.jsonl")}
    assert met == set(TRAIN)


def test_without_any_set_the_recipe_ends_at_once_and_names_the_folder(tmp_path: Path) -> None:
    command = [str(PYTHON), "-m", "training.prepare", str(tmp_path), str(tmp_path / "out")]
    ran = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=STEP_TIMEOUT_S, check=False)
    assert ran.returncode == 1
    assert str(tmp_path / "train") in ran.stderr
    assert not (tmp_path / "out").exists()


def test_pairs_are_held_out_and_each_label_is_met(recipe: Recipe) -> None:
    assert recipe.lines("prepared/held_out.jsonl")
    assert {line["allowed"] for line in recipe.lines("prepared/train.jsonl")} == {1, 2, 4, 6}


def test_each_stage_keeps_a_log_with_its_settings_and_what_it_measured(recipe: Recipe) -> None:
    first, second = recipe.lines("run/log.jsonl"), recipe.lines("run-more/log.jsonl")
    assert (first[0]["rate_max"], first[0]["seed"], first[0]["weights"]) == ("8e-05", "7", "None")
    assert (second[0]["rate_max"], second[0]["seed"]) == ("3e-05", "8")
    assert str(second[0]["weights"]).endswith("run/model.safetensors")
    assert "held_out" in first[-1]
    assert "held_out" in second[-1]


def test_the_model_is_small_enough_to_ship_and_says_how_it_was_measured(recipe: Recipe) -> None:
    config = json.loads((recipe.folder / "judge" / "config.json").read_text())
    assert (recipe.folder / "judge" / "model.onnx").stat().st_size < 25_000_000
    assert 0 <= config["held_out"]["balanced_accuracy_int8"] <= 1
    assert set(config["calibration"]) >= {"offset", "slope", "threshold"}


def test_model_and_rules_were_heard_on_every_set(recipe: Recipe) -> None:
    heard = recipe.lines("heard.jsonl")
    assert {line["set"].partition("/")[0] for line in heard} == set(DEV)
    assert all(line["claims"] for line in heard)


def test_the_folder_is_a_judge_of_our_own_form(recipe: Recipe) -> None:
    folder = recipe.folder / "judge"
    assert is_own_format(folder)
    model = chosen_model(str(folder), recipe.folder)
    model.open()
    config = json.loads((folder / "config.json").read_text())
    assert model.calibration.threshold == config["calibration"]["threshold"]


def test_a_server_judges_with_it(recipe: Recipe, start_server: Callable[..., RunningServer]) -> None:
    server = start_server("--cpu-judge", str(recipe.folder / "judge"))
    (claim, _), *_ = claims_about(7)
    asked = {"prompt": "Tell me of the town.", "output": claim, "context": text_about(7)}
    with server.client() as client:
        assert client.get("/ready").json()["judge"] == "judge"
        body = client.post("/v1/verify/reliability", json=asked).json()
    assert body["judge"] == "judge"
    assert 0 <= body["score"] <= 1
    assert body["claims"][0]["text"] == claim
