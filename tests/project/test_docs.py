"""The documents tell the truth: links lead somewhere, commands exist and run, snippets do what they say."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import REPOSITORY, RunningServer, RunningUpstream

from server.settings import ENV_PREFIX, Settings
from tests.clients.needs import program

README = REPOSITORY / "README.md"
BATCHES = REPOSITORY / "docs" / "batches.md"
DOCUMENTS = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("client-configs/*.md")]
)
TIMEOUT_S = 150
URL = "http://127.0.0.1:3001"
NEEDS_ENGINE = "# needs an engine"
"""How a program begins that asks a language model."""
ENGINE_MODEL = "Qwen/Qwen3-8B"


def blocks(language: str, document: Path = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", document.read_text(), re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_are_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^    |`)make ([a-z-]+)", document.read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_variables_are_settings(document: Path) -> None:
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields} | {"TOUCHSTONE_CONFIG"}
    assert set(re.findall(rf"{ENV_PREFIX}[A-Z_]+", document.read_text())) <= known


@pytest.mark.parametrize("block", blocks("sh"))
def test_shell_blocks_of_the_readme_run(block: str, running_server: RunningServer, tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TOUCHSTONE_DATA_DIR": str(tmp_path / "data"),
        "TOUCHSTONE_WEB_SEARCH": "false",
        "NO_PROXY": "127.0.0.1",
    }
    script = "set -u\n" + block.replace(URL, running_server.url).replace("curl ", "curl -sS --fail ")
    answer = subprocess.run(
        ["bash", "-c", script],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert answer.returncode in (0, 1), answer.stderr  # 1: a verification that found the answer not to be trusted
    assert "error" not in answer.stderr.lower(), answer.stderr
    assert answer.stdout.strip()
    if "curl" in block:
        assert isinstance(json.loads(answer.stdout)["is_hallucination"], bool)


@pytest.mark.parametrize("language", ["sh", "python"])
def test_the_guide_to_batches_verifies_a_data_set(language: str, running_server: RunningServer, tmp_path: Path) -> None:
    (block,) = blocks(language, BATCHES)
    if language == "sh":
        program("curl")
        program("jq")
    command = ["bash", "-euc"] if language == "sh" else [sys.executable, "-c"]
    done = subprocess.run(
        [*command, block.replace(URL, running_server.url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    verdicts = dict(re.findall(r"(row-\d)\W+(\w+)", done.stdout))
    assert verdicts == {"row-1": "supported", "row-2": "refuted"}


def run_program(program: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.parametrize("block", [block for block in blocks("python") if not block.startswith(NEEDS_ENGINE)])
def test_python_blocks_of_the_readme_run(block: str, running_server: RunningServer) -> None:
    assert "vitamin C" in run_program(block.replace(URL, running_server.url))


@pytest.mark.parametrize("block", [block for block in blocks("python") if block.startswith(NEEDS_ENGINE)])
def test_python_blocks_of_the_readme_that_need_an_engine_run_before_one(
    block: str, start_server: Callable[..., RunningServer]
) -> None:
    said = "Vitamin C cures the common cold."
    engine = RunningUpstream({"Does vitamin C cure the common cold?": said})
    try:
        server = start_server("--engine-url", engine.url)
        answer, verdict = run_program(block.replace(URL, server.url).replace(ENGINE_MODEL, "echo")).splitlines()
    finally:
        engine.stop()
    assert answer == said
    assert verdict.startswith("Refuted:")


@pytest.mark.parametrize("block", blocks("json"))
def test_json_blocks_of_the_readme_are_json(block: str) -> None:
    assert "touchstone" in json.loads(block)["mcpServers"]


def test_what_the_architecture_names_is_there() -> None:
    """Files and folders in backticks or bold, each by its whole path or by its end."""
    tree = [path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.rglob("*") if ".venv" not in path.parts]
    there = "/" + "\n/".join(tree) + "\n"
    named = re.findall(r"(?:`|\*\*)([\w./]*?(?:\.\w+|/))(?:`|\*\*)", (REPOSITORY / "ARCHITECTURE.md").read_text())
    assert len(named) > 50
    assert [name for name in named if f"/{name.rstrip('/')}\n" not in there] == []


SECURITY_PROMISES = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (REPOSITORY / "SECURITY.md").read_text())


@pytest.mark.parametrize(("file", "test"), SECURITY_PROMISES)
def test_each_promise_of_security_is_kept_by_a_test(file: str, test: str) -> None:
    assert re.search(rf"^(?:async )?def {test}\(", (REPOSITORY / file).read_text(), re.MULTILINE)


def test_no_promise_of_security_is_without_a_test() -> None:
    promised = (REPOSITORY / "SECURITY.md").read_text().partition("## What is promised")[2].partition("\n## ")[0]
    promises = re.findall(r"^- (.*?)(?=\n- |\n\n|\Z)", promised, re.MULTILINE | re.DOTALL)
    assert len(promises) > 10
    assert [promise for promise in promises if "::test_" not in promise] == []
