"""One server with a real vLLM for the whole suite: each start takes most of a minute."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from harness import RunningServer
from openai import OpenAI

from tests.vllm.environment import vllm_environment
from tests.vllm.serving import Direct, Models, direct, make_models, serving, wait_until_up

SUITE = Path(__file__).parent
TEST_TIMEOUT_S = 900  # the first test pays for the start, and, the very first time, for the environment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SUITE in item.path.parents:
            item.add_marker(pytest.mark.timeout(TEST_TIMEOUT_S))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return make_models(vllm_environment(), tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def server(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Serves `tiny`, which judges, with the adapter `law`, and `embed`. Both are up."""
    flags = ("--model", f"tiny={models.tiny},embed={models.tiny}", "--lora", f"law={models.adapter}")
    with serving(models, tmp_path_factory.mktemp("server") / "data", *flags) as server:
        wait_until_up(server, "tiny")
        wait_until_up(server, "embed")
        yield server


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def openai(server: RunningServer) -> Iterator[OpenAI]:
    with OpenAI(api_key="none", base_url=f"{server.url}/v1", max_retries=0) as client:
        yield client


@pytest.fixture
def vllm(server: RunningServer) -> Direct:
    """The vLLM that serves `tiny` now."""
    return direct(server, "tiny")
