"""The batch scripts of the reference's documentation, with address, key and model replaced and nothing else.

There are 26: one in Python and one for a shell for each of 13 models. Those for one kind of model are the same but for
its name, so the scripts lie in tests/clients/guides/batch once, and are filled in with each name before that is
replaced. The pictures that some of them name come from this machine: a test must not depend on the network.
They wait ten seconds between two looks at their batch, so they all run side by side.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from harness import RunningServer

from tests.clients.needs import program
from tests.clients.serving import clean_environment
from tests.vllm.pictures import serving_pictures
from tests.vllm.serving import EYE_ARGUMENTS, Models, serving, wait_until_up

GUIDES = Path(__file__).parents[1] / "clients" / "guides" / "batch"
KEY = "a-key-of-this-suite"
MODEL = "eye"
PICTURES = "https://github.com"
SCRIPT_TIMEOUT_S = 400

TEXT_MODELS = (
    "deepseek-ai/DeepSeek-R1",
    "deepseek-ai/DeepSeek-R1-0528",
    "deepseek-ai/DeepSeek-V3-0324",
    "mistralai/Magistral-Small-2506",
    "klusterai/Meta-Llama-3.1-8B-Instruct-Turbo",
    "klusterai/Meta-Llama-3.3-70B-Instruct-Turbo",
    "mistralai/Mistral-Nemo-Instruct-2407",
    "mistralai/Mistral-Small-24B-Instruct-2501",
    "Qwen/Qwen3-235B-A22B-FP8",
)
IMAGE_MODELS = (
    "google/gemma-3-27b-it",
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8",
    "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    "Qwen/Qwen2.5-VL-7B-Instruct",
)
WRITTEN_FOR = {"text": TEXT_MODELS[0], "images": IMAGE_MODELS[0]}
"""The model that each script names as it lies here."""

CUSTOM_IDS = {
    "text.py": {"request-1", "request-2", "request-3"},
    "text.sh": {"request-1", "request-2", "request-4"},
    "images.py": {"request-1", "request-2", "request-3"},
    "images.sh": {"request-1", "request-2", "request-3"},
}
RESPONSE = "AI batch response:\n"


@dataclass(frozen=True)
class Script:
    """A script of the documentation, and the model that it is written for."""

    kind: str
    language: str
    model: str

    @property
    def file(self) -> str:
        return f"{self.kind}.{self.language}"

    def text(self) -> str:
        """As the documentation has it."""
        return (GUIDES / self.file).read_text(encoding="utf-8").replace(WRITTEN_FOR[self.kind], self.model)


SCRIPTS = [
    Script(kind, language, model)
    for kind, models in (("text", TEXT_MODELS), ("images", IMAGE_MODELS))
    for language in ("py", "sh")
    for model in models
]
MODELS_OF_ALL = (*TEXT_MODELS, *IMAGE_MODELS)


@dataclass(frozen=True)
class Place:
    """Where the scripts find what they ask for."""

    server: RunningServer
    pictures: str

    def filled_in(self, script: str) -> str:
        # The longest names first: some begin with another.
        names = dict.fromkeys(sorted(MODELS_OF_ALL, key=len, reverse=True), MODEL)
        replaced = {"https://api.kluster.ai": self.server.url, PICTURES: self.pictures, **names}
        for old, new in replaced.items():
            script = script.replace(old, new)
        return script

    def run(self, script: str, language: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        """Runs it in a folder of its own: each writes its requests into a file of the same name."""
        command = [sys.executable, "-c"] if language == "py" else [program("bash"), "-c"]
        return subprocess.run(
            [*command, self.filled_in(script)],
            cwd=folder,
            env=clean_environment(API_KEY=KEY, PYTHONIOENCODING="utf-8"),
            capture_output=True,
            encoding="utf-8",
            timeout=SCRIPT_TIMEOUT_S,
            check=False,
        )


@pytest.fixture(scope="module")
def place(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server with a model that reads texts and pictures."""
    program("curl")
    program("jq")
    data_dir = tmp_path_factory.mktemp("batches") / "data"
    flags = ("--model", f"{MODEL}={models.eye}")
    with (
        serving_pictures() as pictures,
        serving(models, data_dir, *flags, arguments=EYE_ARGUMENTS, TOUCHSTONE_API_KEYS=KEY) as server,
    ):
        wait_until_up(server, MODEL)
        yield Place(server, pictures)


Ran = Mapping[Script, "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def ran(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All scripts, run side by side to their ends."""

    def run(script: Script) -> "subprocess.CompletedProcess[str]":
        return place.run(script.text(), script.language, tmp_path_factory.mktemp("script"))

    with ThreadPoolExecutor(len(SCRIPTS)) as pool:
        return dict(zip(SCRIPTS, pool.map(run, SCRIPTS), strict=True))


def lines_of(text: str) -> dict[str, Any]:
    """The lines of an output file, by their custom_id."""
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    by_id = {line["custom_id"]: line for line in lines}
    assert len(by_id) == len(lines)
    return by_id


def assert_answered(line: dict[str, Any]) -> None:
    assert line["error"] is None
    assert line["response"]["status_code"] == 200
    body = line["response"]["body"]
    assert body["object"] == "chat.completion"
    assert body["model"] == MODEL
    assert body["choices"][0]["message"]["role"] == "assistant"
    assert body["usage"]["completion_tokens"] > 0


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.file}-{script.model.rpartition('/')[2]}")
def test_a_script_of_the_documentation_gets_its_answers(ran: Ran, script: Script) -> None:
    done = ran[script]
    assert done.returncode == 0, done.stdout + done.stderr
    head, _, response = done.stdout.partition(RESPONSE)
    assert (
        "Batch status: completed" in head if script.language == "py" else "Batch job submitted, job ID: batch_" in head
    )
    text = ast.literal_eval(response.strip()).decode() if script.language == "py" else response
    answers = lines_of(text)
    assert set(answers) == CUSTOM_IDS[script.file]
    for line in answers.values():
        assert_answered(line)


def test_there_are_twenty_six_scripts() -> None:
    assert len(SCRIPTS) == 26


def test_the_script_of_the_whole_flow_saves_its_answers(place: Place, tmp_path: Path) -> None:
    """Its lines name three models, and one of them a picture."""
    script = (GUIDES / "whole_flow.py").read_text(encoding="utf-8")
    done = place.run(script, "py", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = lines_of((tmp_path / "batch_results.jsonl").read_text(encoding="utf-8"))
    assert set(answers) == {"request-1", "request-2", "request-3"}
    for line in answers.values():
        assert_answered(line)
