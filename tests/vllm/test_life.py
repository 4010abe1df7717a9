"""A vLLM that dies comes back, and none outlives its server."""

import os
import signal
from pathlib import Path

import httpx
from harness import RunningServer

from tests.inference.engine.child.living import wait_until_gone
from tests.robustness.waiting import wait_until
from tests.vllm.serving import START_S, Models, direct, group_of, serving, wait_until_up

ASK = {"model": "tiny", "messages": [{"role": "user", "content": "Hello."}], "max_tokens": 4}


def test_killed_it_is_started_again_and_meanwhile_requests_are_told_to_come_back(
    server: RunningServer, http: httpx.Client
) -> None:
    first = direct(server, "tiny")
    processes = group_of(first.pid)
    assert len(processes) > 1
    lives = server.log().count("engine_up model=tiny ")
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: "is restarting" in http.post("/v1/chat/completions", json=ASK).text, "it is away")
    away = http.post("/v1/chat/completions", json=ASK)
    assert (away.status_code, away.json()["error"]["code"]) == (503, "engine_unavailable")
    assert int(away.headers["retry-after"]) > 0
    assert "was killed by SIGKILL" in away.json()["error"]["message"]
    assert http.get("/health").status_code == 200
    wait_until_gone(*processes)
    wait_until_up(server, "tiny", lives + 1)
    assert http.post("/v1/chat/completions", json=ASK).status_code == 200
    assert http.post("/v1/chat/completions", json=ASK | {"model": "law"}).status_code == 200


def test_when_the_engines_core_dies_the_whole_is_started_again(server: RunningServer, http: httpx.Client) -> None:
    first = direct(server, "tiny")
    lives = server.log().count("engine_up model=tiny ")
    core = next(pid for pid in group_of(first.pid) if "EngineCore" in Path(f"/proc/{pid}/cmdline").read_text())
    os.kill(core, signal.SIGKILL)
    wait_until_up(server, "tiny", lives + 1)
    wait_until_gone(first.pid)
    assert http.post("/v1/chat/completions", json=ASK).status_code == 200


def test_a_server_that_is_killed_leaves_no_vllm_behind(models: Models, tmp_path: Path) -> None:
    flags = ("--model", f"tiny={models.tiny}", "--judge-model", "cpu", "--vllm-args", "--enforce-eager")
    with serving(models, tmp_path / "data", *flags) as server:
        wait_until(lambda: "EngineCore" in server.log(), "its processes are there", START_S)
        group = group_of(direct(server, "tiny").pid)
        assert len(group) > 1
        server.process.kill()
        server.process.wait()
        wait_until_gone(*group)
