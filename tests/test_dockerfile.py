"""The Dockerfile, as far as it can be checked where there is no Docker: what it says, and that it exists.

tests/clients carries out its steps in a fresh environment.
"""

import fnmatch
import json
import re
import tomllib
from typing import Any

from tests.clients.dockerfile import ROOT, Instruction, instructions, pairs, stages

ROOT_USERS = {"root", "0", "0:0"}


ALL = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
LAST_STAGE = stages(ALL)[-1]


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def of_last_stage(name: str) -> list[Instruction]:
    return [item for item in LAST_STAGE if item.name == name]


def environment() -> dict[str, str]:
    return pairs(LAST_STAGE, "ENV")


def test_it_is_built_in_two_stages_on_a_slim_python() -> None:
    stages = [item.rest for item in ALL if item.name == "FROM"]
    assert stages == ["${PYTHON} AS build", "${PYTHON}"]
    (base,) = [item.rest for item in ALL if item.name == "ARG"]
    found = re.fullmatch(r"PYTHON=python:(\d+)\.(\d+)-slim", base)
    assert found is not None
    project = pyproject()["project"]
    oldest = re.fullmatch(r">=(\d+)\.(\d+)", project["requires-python"])
    assert oldest is not None
    assert (int(found[1]), int(found[2])) >= (int(oldest[1]), int(oldest[2]))


def test_everything_that_it_copies_exists_and_reaches_the_builder() -> None:
    ignore = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] not in "#"]
    assert ignore[0] == "*"
    let_in = {line[1:].rstrip("/") for line in ignore if line.startswith("!")}
    copied = {
        source.rstrip("/")
        for item in ALL
        if item.name == "COPY" and not any(flag.startswith("--from=") for flag in item.flags)
        for source in item.words()[:-1]
    }
    assert copied == let_in
    for source in copied:
        assert (ROOT / source).exists(), source


def test_every_package_and_data_file_of_the_project_is_copied() -> None:
    find = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"][
        "find"
    ]
    copied = {source.rstrip("/") for item in ALL if item.name == "COPY" for source in item.words()[:-1]}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    wanted = {name for name in packages if any(fnmatch.fnmatch(name, pattern) for pattern in find["include"])}
    assert wanted
    assert wanted <= copied


def test_what_it_installs_is_pinned_and_leaves_no_cache() -> None:
    installs = [item.rest for item in ALL if item.name == "RUN" and "pip install" in item.rest]
    assert [command.partition("pip install ")[2] for command in installs] == ["-r requirements.lock", "--no-deps ."]
    assert any("PIP_NO_CACHE_DIR=1" in item.words() for item in ALL if item.name == "ENV")


def test_it_does_not_run_as_root_and_owns_its_volume() -> None:
    (user,) = of_last_stage("USER")
    assert user.rest not in ROOT_USERS
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user.rest)
    (volume,) = of_last_stage("VOLUME")
    assert volume.rest == environment()["TOUCHSTONE_DATA_DIR"]
    (run,) = of_last_stage("RUN")
    assert re.search(rf"install --directory --owner touchstone .*{volume.rest}", run.rest)
    assert f"--uid {user.rest.partition(':')[0]} " in run.rest


def test_it_listens_everywhere_on_the_port_it_exposes() -> None:
    (exposed,) = of_last_stage("EXPOSE")
    assert exposed.rest == "3001"
    assert environment()["TOUCHSTONE_PORT"] == exposed.rest
    assert environment()["TOUCHSTONE_HOST"] == "0.0.0.0"


def test_it_starts_the_console_script_and_leaves_flags_to_the_user() -> None:
    (entry,) = of_last_stage("ENTRYPOINT")
    assert entry.rest.startswith("["), "the shell form would swallow signals"
    command, subcommand = entry.words()
    scripts = pyproject()["project"]["scripts"]
    assert command in scripts
    assert subcommand == "serve"
    assert not of_last_stage("CMD"), "a CMD would be replaced by the user's flags"


def test_its_health_check_asks_the_server_with_nothing_but_python() -> None:
    (check,) = of_last_stage("HEALTHCHECK")
    kind, _, command = check.rest.partition(" ")
    assert kind == "CMD"
    program, flag, code = json.loads(command)
    assert (program, flag) == ("python", "-c")
    compile(code, "<health check>", "exec")
    assert "/health" in code


def test_it_names_the_licence_of_the_project() -> None:
    labels = pairs(LAST_STAGE, "LABEL")
    project = pyproject()["project"]
    assert labels["org.opencontainers.image.licenses"] == project["license"]


def test_no_key_is_baked_in() -> None:
    assert not any("API_KEY" in item.rest for item in ALL)
