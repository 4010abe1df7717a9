"""The Dockerfile's steps, carried out without Docker: its build in a fresh environment, then what the image runs."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.clients.dockerfile import ROOT, instructions, pairs, stages
from tests.clients.serving import clean_environment, running

BUILD, IMAGE = stages(instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")))
PREFIX = "/opt/touchstone"  # where the Dockerfile installs
INSTALL_TIMEOUT_S = 900
RUN_TIMEOUT_S = 60
KEY = "tests-5be20c9f71d4a836"


@dataclass(frozen=True)
class Image:
    """What the image would hold."""

    prefix: Path
    data: Path

    def environment(self, **extra: str) -> dict[str, str]:
        named = pairs(IMAGE, "ENV") | {"TOUCHSTONE_DATA_DIR": str(self.data), "TOUCHSTONE_PORT": "0"}
        path = f"{self.prefix / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return clean_environment() | named | {"PATH": path, "TOUCHSTONE_WEB_SEARCH": "false"} | extra

    def words(self, name: str) -> list[str]:
        """The words of an instruction, its program found in the image."""
        (item,) = [item for item in IMAGE if item.name == name]
        command = item.rest.removeprefix("CMD ")
        first, *others = instructions(f"{name} {command}")[0].words()
        return [str(self.prefix / "bin" / first), *others]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Carries out the build stage, with its paths moved into a folder of the test."""
    root = tmp_path_factory.mktemp("image")
    source, prefix = root / "src", root / "touchstone"
    source.mkdir()
    environment = clean_environment() | pairs(BUILD, "ENV")
    for item in BUILD:
        if item.name == "COPY":
            *sources, _ = item.words()
            for name in sources:
                copy(ROOT / name, source / name)
        if item.name == "RUN":
            command = item.rest.replace(PREFIX, str(prefix)).replace("python -m venv", f"{sys.executable} -m venv")
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=source,
                env=environment,
                capture_output=True,
                text=True,
                timeout=INSTALL_TIMEOUT_S,
                check=False,
            )
            assert done.returncode == 0, done.stderr[-2000:]
    data = root / "data"
    data.mkdir()
    return Image(prefix, data)


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


@pytest.fixture(scope="module")
def container(image: Image) -> Iterator[str]:
    """`docker run touchstone --api-key KEY`: the address of the server."""
    command = [*image.words("ENTRYPOINT"), "--api-key", KEY]
    with running(command, image.environment(), cwd=image.data) as url:
        yield url


def test_it_serves_on_every_address_with_the_key_of_the_command_line(container: str) -> None:
    request = urllib.request.Request(f"{container}/v1/models", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=RUN_TIMEOUT_S) as answer:
        assert answer.status == 200


def test_it_verifies_with_what_was_installed(container: str) -> None:
    """The passages and word lists are data files, which a wheel can forget."""
    body = b'{"prompt": "Where is the Eiffel Tower?", "output": "The Eiffel Tower is located in Rome."}'
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{container}/v1/verify/reliability", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=RUN_TIMEOUT_S) as answer:
        assert b'"is_hallucination":true' in answer.read()


def health(image: Image, port: int) -> int:
    environment = image.environment(TOUCHSTONE_PORT=str(port))
    command = image.words("HEALTHCHECK")
    return subprocess.run(command, env=environment, capture_output=True, timeout=RUN_TIMEOUT_S, check=False).returncode


def test_its_health_check_passes_while_it_serves_and_fails_when_it_does_not(image: Image, container: str) -> None:
    port = urlsplit(container).port
    assert port is not None
    assert health(image, port) == 0
    assert health(image, 1) != 0


def test_without_a_key_it_says_what_to_do_and_does_not_start(image: Image) -> None:
    done = subprocess.run(
        image.words("ENTRYPOINT"),
        env=image.environment(),
        cwd=image.data,
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 2
    assert "TOUCHSTONE_API_KEYS" in done.stderr


def test_it_stops_when_docker_asks_it_to(image: Image) -> None:
    process = subprocess.Popen(
        [*image.words("ENTRYPOINT"), "--api-key", KEY],
        env=image.environment(),
        cwd=image.data,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process:
        assert any(" started " in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
        ended = process.wait(RUN_TIMEOUT_S)
    assert "Traceback" not in said
    assert ended in (0, -signal.SIGTERM)  # the signal's own end counts as in order, for Docker and systemd alike
