"""Models of the hub: fetched once, when asked for by name, and only what is read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inference.errors import JudgeUnavailable
from inference.judges.cross_encoder.custom.choice import chosen_model, prepare
from inference.judges.cross_encoder.custom.hub import fetch, wanted_files
from inference.judges.cross_encoder.custom.hub_id import HubId
from tests.inference.judges.tiny_models import write_model

NO_ANSWER_S = 150.0
"""Of which most is the start of a process and the import of the library."""


class FakeHub:
    """Writes a small model where the real one would write a large."""

    def __init__(self, fails: int = 0) -> None:
        self.asked: list[HubId] = []
        self._fails = fails

    def __call__(self, hub_id: HubId, folder: Path) -> None:
        self.asked.append(hub_id)
        (folder / "config.json").write_text("{")  # what a download that breaks off leaves
        if len(self.asked) <= self._fails:
            raise JudgeUnavailable("broke off")
        write_model(folder)


def test_a_model_is_downloaded_once_and_then_used_from_disk(tmp_path: Path) -> None:
    hub = FakeHub()
    chosen_model("hub:some-org/nli-model@v1.0", tmp_path, hub)
    assert hub.asked == []
    for _ in range(2):
        model = chosen_model("hub:some-org/nli-model@v1.0", tmp_path, hub)
        model.open()
    assert hub.asked == [HubId("some-org/nli-model", "v1.0")]
    assert model.name == "some-org/nli-model@v1.0"
    assert [file.name for file in tmp_path.iterdir()] == ["some-org--nli-model@v1.0"]


def test_a_download_that_broke_off_is_no_model_and_is_taken_up_again(tmp_path: Path) -> None:
    hub = FakeHub(fails=1)
    with pytest.raises(JudgeUnavailable, match="broke off"):
        prepare("hub:some-org/nli-model", tmp_path, hub)
    prepare("hub:some-org/nli-model", tmp_path, hub)
    chosen_model("hub:some-org/nli-model", tmp_path, hub).open()
    assert len(hub.asked) == 2


def test_another_process_may_be_faster(tmp_path: Path) -> None:
    def slow(hub_id: HubId, folder: Path) -> None:
        write_model(folder)
        write_model(tmp_path / hub_id.folder_name)

    folder = fetch(HubId("org/name"), tmp_path, slow)
    assert (folder / "model.onnx").exists()


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file in the way")
    with pytest.raises(JudgeUnavailable, match="models"):
        fetch(HubId("org/name"), tmp_path / "models", FakeHub())


def test_only_what_is_read_is_downloaded() -> None:
    there = dict.fromkeys(
        ["README.md", "config.json", "model.safetensors", "modeling.py", "onnx/model.onnx", "pytorch_model.bin"], 1
    )
    there |= dict.fromkeys(["onnx/model_quantized.onnx", "tokenizer.json", "tokenizer_config.json", "vocab.txt"], 1)
    assert wanted_files(there) == ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model.onnx"]
    del there["onnx/model.onnx"]
    assert wanted_files(there)[-1] == "model.safetensors"
    assert wanted_files({"README.md": 1}) == []


@pytest.mark.parametrize("setting", ["", "models/mine", "/srv/model", "org/name", "~/hub:x/y"])
def test_without_the_prefix_nothing_is_a_name_of_the_hub(setting: str) -> None:
    assert HubId.parse(setting) is None


@pytest.mark.parametrize(
    "setting",
    ["hub:", "hub:name", "hub:a/b/c", "hub:../b", "hub:a/..", "hub:a/b@", "hub:a/b@../x", "hub:a b/c", "hub:a/b\n"],
)
def test_what_is_no_name_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="ORG/NAME"):
        HubId.parse(setting)


def test_a_revision_may_have_parts() -> None:
    assert HubId.parse("hub:a/b@refs/pr/1") == HubId("a/b", "refs/pr/1")
    assert HubId("a/b", "refs/pr/1").folder_name == "a--b@refs--pr--1"


@pytest.mark.process
def test_without_a_network_it_says_what_to_do_and_waits_for_none(tmp_path: Path) -> None:
    """The real library, and a hub at a closed port of this machine."""
    code = (
        "from inference.judges.cross_encoder.custom.choice import prepare; from pathlib import Path; "
        f"prepare('hub:some-org/nli-model', Path({str(tmp_path)!r}))"
    )
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env=clean | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "hf")},
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        timeout=NO_ANSWER_S,
        check=False,
    )
    last = answer.stderr.strip().splitlines()[-1]
    assert last.startswith("inference.errors.JudgeUnavailable: The judge's model some-org/nli-model is not downloaded")
    assert "hf download some-org/nli-model --local-dir FOLDER" in last
