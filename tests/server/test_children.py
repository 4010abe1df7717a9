"""`touchstone serve --model`: the server answers while its models start, and they end with it, however it ends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from harness import REPOSITORY, RunningServer

from tests.inference.engine.child.living import COMMAND, is_alive, wait_until_gone
from tests.robustness.command_line import touchstone, touchstone_here
from tests.robustness.waiting import wait_until

pytestmark = pytest.mark.process

LIMIT_S = 90.0

Start = Callable[..., RunningServer]


def processes(server: RunningServer, life: int = 1) -> list[int]:
    """The processes of the model's `life`-th life, once they are there."""
    found = re.compile(r"engine tiny \| core (\d+) main (\d+)")
    wait_until(lambda: len(found.findall(server.log())) >= life, f"life {life} of the model begins", LIMIT_S)
    return [int(pid) for pid in found.findall(server.log())[life - 1]]


def logged(server: RunningServer, words: str) -> None:
    wait_until(lambda: words in server.log(), f"the log says {words!r}", LIMIT_S)


def test_the_server_answers_while_its_model_starts(start_server: Start) -> None:
    server = start_server("--model", "tiny=some/model", "--vllm", COMMAND, "--vllm-args", "--behave hang")
    pids = processes(server)
    assert httpx.get(f"{server.url}/health", trust_env=False).status_code == 200
    ready = httpx.get(f"{server.url}/ready", trust_env=False)
    assert (ready.status_code, ready.json()["error"]["code"]) == (503, "judge_unavailable")
    assert "the engine for tiny is starting" in ready.json()["error"]["message"]
    assert "ERROR" not in server.log()
    assert server.stop() == 0
    wait_until_gone(*pids)


def test_a_model_that_is_up_is_known_by_its_name_with_its_adapters(start_server: Start, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text('{"r": 4}')
    server = start_server("--model", "tiny=some/model", "--lora", f"law={tmp_path}", TOUCHSTONE_VLLM=COMMAND)
    logged(server, "adapter_loaded adapter=law model=tiny")
    logged(server, "engine_up model=tiny")
    logged(server, "judge_loaded judge=tiny")
    with server.client() as client:
        assert client.get("/ready").status_code == 200
        assert {"tiny", "law"} <= {model["id"] for model in client.get("/v1/models").json()["data"]}


def test_a_model_that_takes_too_long_is_started_again(start_server: Start) -> None:
    flags = ("--model", "tiny=some/model", "--vllm", COMMAND, "--vllm-args", "--behave hang")
    server = start_server(*flags, "--engine-start-timeout-s", "0.5")
    wait_until_gone(*processes(server))
    processes(server, life=2)
    assert "did not start within 0.5 s" in server.log()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL], ids=lambda sent: sent.name)
def test_no_model_outlives_its_server(start_server: Start, sent: signal.Signals) -> None:
    server = start_server("--model", "tiny=some/model", "--vllm", COMMAND)
    pids = processes(server)
    logged(server, "engine_up")
    assert all(map(is_alive, pids))
    server.process.send_signal(sent)
    server.process.wait(LIMIT_S)
    wait_until_gone(*pids)


def test_ctrl_c_at_the_terminal_reaches_the_server_alone_and_all_end_in_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [
        sys.executable,
        "-m",
        "server.cli",
        "serve",
        "--port",
        "0",
        "--no-web-search",
        "--model",
        "tiny=some/model",
    ]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    own = {"TOUCHSTONE_DATA_DIR": str(tmp_path / "data"), "TOUCHSTONE_VLLM": COMMAND}
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=REPOSITORY, env=clean | own, stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_until(lambda: "engine_up" in log.read_text(), "the model is up", LIMIT_S)
        pids = [int(pid) for pid in re.findall(r"core (\d+) main (\d+)", log.read_text())[0]]
        os.killpg(server.pid, signal.SIGINT)  # as the terminal does: to all of the foreground
        assert server.wait(LIMIT_S) == 0
    finally:
        server.kill()
        server.wait()
    wait_until_gone(*pids)
    assert "engine_ended" not in log.read_text()


def test_the_log_has_no_key_of_the_engine(start_server: Start) -> None:
    server = start_server("--model", "tiny=some/model", "--vllm", COMMAND, TOUCHSTONE_LOG_LEVEL="debug")
    logged(server, "engine_up")
    environment = Path(f"/proc/{processes(server)[1]}/environ").read_bytes().split(b"\0")
    key = next(entry for entry in environment if entry.startswith(b"VLLM_API_KEY=")).partition(b"=")[2]
    assert len(key) > 32
    assert key.decode() not in server.log()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--model", "some/model", "--vllm", "/nowhere/vllm"], "pip install 'touchstone[vllm]'"),
        (["--model", "/nowhere/model", "--vllm", COMMAND], "there is no folder /nowhere/model"),
        (["--model", "a=x/y,a=x/z", "--vllm", COMMAND], "two models are called 'a'"),
        (["--model", "cpu=x/y", "--vllm", COMMAND], "cannot be called 'cpu'"),
        (["--model", "touchstone/verify", "--vllm", COMMAND], "cannot be called 'touchstone/verify'"),
        (["--model", "x/y", "--vllm", COMMAND, "--vllm-args", "--port 8000"], "--port is for the server alone"),
        (["--model", "x/y", "--vllm", COMMAND, "--vllm-args", "[z] --a"], "there is no model 'z'"),
        (["--model", "x/y", "--vllm", COMMAND, "--lora", "law=/nowhere"], "is no folder of an adapter"),
        (
            ["--model", "x/y", "--vllm", COMMAND, "--lora", "law=/nowhere", "--vllm-args", "--no-enable-lora"],
            "without adapters",
        ),
        (["--lora", "law=/nowhere"], "there is no model to load adapters into"),
    ],
)
def test_what_cannot_be_started_is_said_at_the_start(tmp_path: Path, flags: list[str], said: str) -> None:
    done = touchstone_here(tmp_path / "data", "serve", "--port", "0", *flags)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_single_verification_starts_no_model_and_says_what_to_do_instead(tmp_path: Path) -> None:
    ask = ("verify", "What colour is the door?", "The door is red.")
    done = touchstone(tmp_path / "data", *ask, TOUCHSTONE_MODEL="tiny=some/model", TOUCHSTONE_VLLM=COMMAND)
    assert done.returncode == 2
    assert "only `touchstone serve` starts models" in " ".join(done.stderr.split())
    assert "--judge-model cpu" in " ".join(done.stderr.split())
    done = touchstone(tmp_path / "data", *ask, "--judge-model", "cpu", TOUCHSTONE_MODEL="tiny=some/model")
    assert done.returncode in (0, 1)


@pytest.fixture
def gpu_path(tmp_path: Path) -> str:
    """A PATH on which a GPU is found."""
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'RTX 4090, 24564, 24000, 570.1'\n")
    program.chmod(0o755)
    return f"{program.parent}{os.pathsep}{os.environ['PATH']}"


def test_with_a_gpu_and_no_model_it_says_which_would_fit_and_how_to_start_it(
    start_server: Start, gpu_path: str
) -> None:
    server = start_server(PATH=gpu_path)
    logged(server, "Qwen/Qwen3-8B would fit, 16.4 GB to download: touchstone serve --model Qwen/Qwen3-8B")


def test_who_has_named_a_judge_gets_no_advice(start_server: Start, gpu_path: str) -> None:
    server = start_server("--judge-model", "cpu", "--sample", PATH=gpu_path)
    logged(server, "Ctrl-C stops")
    assert "would fit" not in server.log()
