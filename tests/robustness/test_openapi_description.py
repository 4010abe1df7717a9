"""The server keeps what it publishes at /openapi.json: schemathesis asks what fits it and what does not."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import ClientOf, RunningServer
from starlette.testclient import TestClient

from inference.errors import BadInput
from server.settings import Settings
from tests.robustness.command_line import touchstone
from tools.question import check_text

CONFIG = Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
KEY = "a-long-key-of-this-test"
EXAMPLES = 4  # an operation and phase, beside all cases at the bounds; the search below tries many more
EXAMPLES_FUZZ = int(os.environ.get("TOUCHSTONE_FUZZ_EXAMPLES", "60"))  # of some thirty operations: a minute a seed
TIMEOUT_S = 300  # half a minute where nobody else is at work
TIMEOUT_FUZZ_S = 1800 + 30 * EXAMPLES_FUZZ
REQUEST_S = 60

Start = Callable[..., RunningServer]


def assert_nothing_is_found(
    server: RunningServer, folder: Path, *flags: str, examples: int = EXAMPLES, seed: int = 7
) -> None:
    report = folder / "report.json"
    command = [str(SCHEMATHESIS), "--config-file", str(CONFIG), "run", f"{server.url}/openapi.json", "--no-color"]
    command += ["--checks", "all", "--max-examples", str(examples), "--seed", str(seed)]
    command += ["--continue-on-failure", "--report-json-path", str(report), *flags]
    # The longest list of texts to embed takes seconds, and more where others are at work; the tool waits for ten.
    command += ["--request-timeout", str(REQUEST_S), "--max-response-time", str(REQUEST_S)]
    timeout_s = TIMEOUT_S if examples == EXAMPLES else TIMEOUT_FUZZ_S
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stdout
    assert "No issues found" in done.stdout, done.stdout
    assert report.exists()
    assert " fault " not in server.log()
    assert "Traceback" not in server.log()


@pytest.mark.timeout(TIMEOUT_S + 10)
def test_nothing_is_found_where_no_key_is_needed(start_server: Start, tmp_path: Path) -> None:
    assert_nothing_is_found(start_server(), tmp_path)


def keyed(start_server: Start, tmp_path: Path, *flags: str) -> tuple[RunningServer, str]:
    """A server that asks for keys, and a header with one of its store, which the plan does not hold up."""
    data_dir = tmp_path / "data"
    made = touchstone(data_dir, "keys", "create", "the search", "--plan", "enterprise", "--json", *flags)
    server = start_server(data_dir=data_dir, TOUCHSTONE_REQUIRE_KEYS="true")
    return server, f"Authorization: Bearer {json.loads(made.stdout)['key']}"


# Its warnings, off in these, are that much is refused, and that it cannot read the pattern of a key's name.
@pytest.mark.timeout(TIMEOUT_S + 60)
def test_nothing_is_found_with_a_key(start_server: Start, tmp_path: Path) -> None:
    server, header = keyed(start_server, tmp_path)
    # What lies at the bounds is tried above: with a key it comes to the same endpoints, and in the long search again.
    flags = ("--phases", "examples,fuzzing,stateful", "--warnings", "off")
    assert_nothing_is_found(server, tmp_path, "--header", header, *flags)


@pytest.mark.timeout(TIMEOUT_S + 60)
def test_nothing_is_found_with_the_key_of_an_administrator(start_server: Start, tmp_path: Path) -> None:
    server, header = keyed(start_server, tmp_path, "--admin")
    # What others do is in the run above. Whoever takes keys back at random would soon take this one.
    flags = ("--include-path-regex", "^/(v1/api-keys|v1/mcp|v1/usage|metrics)", "--exclude-method", "DELETE")
    flags += ("--exclude-path-regex", "rotate$", "--warnings", "off")
    assert_nothing_is_found(server, tmp_path, "--header", header, *flags)


@pytest.mark.fuzz
@pytest.mark.timeout(TIMEOUT_FUZZ_S + 60)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_search_finds_nothing(start_server: Start, tmp_path: Path, seed: int) -> None:
    # Its warnings, that much of what it makes up is refused, depend on the seed; what is wrong is none of them.
    flags = ("--warnings", "off")
    assert_nothing_is_found(start_server(), tmp_path, *flags, examples=EXAMPLES_FUZZ, seed=seed)


@pytest.mark.fuzz
@pytest.mark.timeout(TIMEOUT_FUZZ_S + 60)
@pytest.mark.parametrize("seed", [3])
def test_a_long_search_with_a_key_finds_nothing(start_server: Start, tmp_path: Path, seed: int) -> None:
    server, header = keyed(start_server, tmp_path)
    flags = ("--header", header, "--warnings", "off")
    assert_nothing_is_found(server, tmp_path, *flags, examples=EXAMPLES_FUZZ, seed=seed)


@pytest.mark.parametrize(("keys", "security"), [((), []), ((KEY,), [{"bearer": []}, {"key": []}])])
def test_the_description_says_whether_keys_are_needed(
    client_of: ClientOf, tmp_path: Path, keys: tuple[str, ...], security: list[Any]
) -> None:
    settings = Settings(data_dir=tmp_path / "data", web_search=False, api_keys=keys)  # type: ignore[arg-type]  # texts
    described = client_of(settings).get("/openapi.json").json()
    assert described["security"] == security
    assert described["paths"]["/health"]["get"]["security"] == []


def test_the_description_says_of_every_operation_that_a_key_may_be_refused(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    operations = [each for item in paths.values() for each in item.values() if isinstance(each, dict)]
    assert len(operations) > 25
    assert [each["summary"] for each in operations if not {"401", "403", "429"} <= set(each["responses"])] == []


@pytest.mark.parametrize("field", ["prompt", "output", "context"])
def test_what_the_description_calls_blank_is_what_is_refused_as_blank(client: TestClient, field: str) -> None:
    pattern = client.get("/openapi.json").json()["components"]["schemas"]["VerifyRequest"]["properties"][field][
        "pattern"
    ]
    for mark in map(chr, [*range(0xD800), *range(0xE000, 0x10000)]):
        assert bool(re.search(pattern, mark)) == accepted(mark), f"U+{ord(mark):04X}"


def accepted(text: str) -> bool:
    try:
        check_text(text, "prompt", 10, "prompt_chars_max")
    except BadInput:
        return False
    return True
